import { ActionIcon, Button, Group, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type CreateWebhook, listWebhookEventTypes, type WebhookView } from '@trellis/client';
import Plus from 'lucide-react/icons/plus';
import Trash2 from 'lucide-react/icons/trash-2';
import { useTranslation } from 'react-i18next';
import { FormActions, ServerForm } from '../frame/ServerForm';
import { useServerForm, type Version } from '../frame/useServerForm';

interface HeaderDraft {
  row: number;
  name: string;
  value: string;
}

interface Values extends Record<string, unknown> {
  url: string;
  description: string;
  eventTypes: string[];
  headers: HeaderDraft[];
  active: boolean;
}

let rows = 0;
const nextRow = () => (rows += 1);

const valuesOf = ({ url, description, eventTypes, headers, active }: WebhookView): Values => ({
  url,
  description: description ?? '',
  eventTypes,
  headers: Object.entries(headers).map(([name, value]) => ({ row: nextRow(), name, value: String(value) })),
  active,
});

const FIELD_OF: Record<string, keyof Values & string> = {
  'webhooks.url_not_allowed': 'url',
  'webhooks.unknown_event_type': 'eventTypes',
  'webhooks.header_not_allowed': 'headers',
};

interface Props {
  /** Undefined for a new webhook. */
  webhook?: WebhookView;
  send: (body: CreateWebhook, etag: string | undefined) => Promise<void>;
  reload?: () => Promise<WebhookView>;
}

/** The address of a webhook, what it gets and the headers of its deliveries. */
export function WebhookForm({ webhook, send, reload }: Props) {
  const { t } = useTranslation(['webhooks', 'common']);
  const types = useQuery({
    queryKey: ['webhook-event-types'],
    queryFn: async ({ signal }) => (await listWebhookEventTypes({ signal })).data.items,
    staleTime: Infinity,
  }).data;
  const prefixes = [...new Set((types ?? []).map(({ type }) => `${type.split('.')[0]}.*`))];
  const model = useServerForm<Values>({
    mode: 'controlled',
    initialValues: webhook
      ? valuesOf(webhook)
      : { url: '', description: '', eventTypes: ['*'], headers: [], active: true },
    etag: webhook?.etag,
    fieldOf: (code) => FIELD_OF[code],
    send: ({ url, description, eventTypes, headers, active }, etag) =>
      send(
        {
          url,
          description: description || null,
          eventTypes,
          headers: Object.fromEntries(headers.map(({ name, value }) => [name.trim(), value])),
          active,
        },
        etag,
      ),
    ...(reload && {
      current: async (): Promise<Version<Values>> => {
        const data = await reload();
        return { values: valuesOf(data), etag: data.etag };
      },
    }),
  });
  const { form, sending } = model;
  const { headers } = form.getValues();
  const labels = {
    url: t('url'),
    description: t('text'),
    eventTypes: t('eventTypes'),
    headers: t('headers'),
    active: t('active'),
  };
  const change = (row: number, part: Partial<HeaderDraft>) =>
    form.setFieldValue(
      'headers',
      headers.map((one) => (one.row === row ? { ...one, ...part } : one)),
    );
  return (
    <ServerForm model={model} labels={labels} guard="dialog">
      <TextInput
        label={labels.url}
        description={t('urlText')}
        placeholder="https://example.com/webhooks"
        type="url"
        required
        data-autofocus
        {...form.getInputProps('url')}
      />
      <TextInput label={labels.description} maxLength={200} {...form.getInputProps('description')} />
      <TagsInput
        label={labels.eventTypes}
        description={t('eventTypesText')}
        required
        data={['*', ...prefixes, ...(types ?? []).map(({ type }) => type)]}
        limit={50}
        clearable
        maxDropdownHeight={260}
        {...form.getInputProps('eventTypes')}
      />
      <Stack gap="xs">
        <div>
          <Text size="sm" fw={500}>
            {labels.headers}
          </Text>
          <Text size="xs" c="dimmed">
            {t('headersText')}
          </Text>
        </div>
        {headers.map(({ row, name, value }) => (
          <Group key={row} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={t('headerName')}
              placeholder="Authorization"
              value={name}
              style={{ flex: 1 }}
              onChange={(event) => change(row, { name: event.currentTarget.value })}
            />
            <TextInput
              aria-label={t('headerValue')}
              placeholder="Bearer {{RECEIVER_TOKEN}}"
              value={value}
              style={{ flex: 2 }}
              onChange={(event) => change(row, { value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('removeHeader', { name })}
              onClick={() =>
                form.setFieldValue(
                  'headers',
                  headers.filter((one) => one.row !== row),
                )
              }
            >
              <Trash2 size={16} />
            </ActionIcon>
          </Group>
        ))}
        {form.errors.headers && (
          <Text size="xs" c="red" role="alert">
            {form.errors.headers}
          </Text>
        )}
        <div>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<Plus size={14} />}
            onClick={() => form.setFieldValue('headers', [...headers, { row: nextRow(), name: '', value: '' }])}
          >
            {t('addHeader')}
          </Button>
        </div>
      </Stack>
      <Switch label={labels.active} {...form.getInputProps('active', { type: 'checkbox' })} />
      {webhook ? (
        <FormActions model={model} />
      ) : (
        <div>
          <Button type="submit" loading={sending}>
            {t('create')}
          </Button>
        </div>
      )}
    </ServerForm>
  );
}
