import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { WebhookView } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DangerDialog } from '../frame/DangerDialog';
import { DetailDrawer } from '../frame/DetailDrawer';
import { ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { useServerForm } from '../frame/useServerForm';
import { useFormat } from '../i18n/useFormat';
import { Facts } from '../members/Facts';
import { Deliveries } from './Deliveries';
import type { WebhookLevel, WebhookSearch } from './level';
import { SecretShown } from './SecretShown';
import { WebhookForm } from './WebhookForm';
import { WebhookStatus } from './WebhookStatus';

interface Props {
  level: WebhookLevel;
  /** Undefined while it loads. */
  webhook: WebhookView | undefined;
  error: Error | null;
  search: WebhookSearch;
  setSearch: (next: WebhookSearch) => void;
  mayEdit: boolean;
}

/** One webhook: what it gets, how it goes, and its deliveries. */
export function WebhookDrawer({ level, webhook, error, search, setSearch, mayEdit }: Props) {
  const { t } = useTranslation(['webhooks', 'common']);
  return (
    <DetailDrawer
      opened={search.webhook !== undefined}
      onClose={() => setSearch({})}
      title={webhook ? (webhook.description ?? webhook.url) : t('webhook')}
      size="xl"
      data={webhook}
      error={error}
    >
      {(one) => (
        <Details key={one.id} level={level} webhook={one} search={search} setSearch={setSearch} mayEdit={mayEdit} />
      )}
    </DetailDrawer>
  );
}

function Details({
  level,
  webhook,
  search,
  setSearch,
  mayEdit,
}: Omit<Props, 'webhook' | 'error'> & { webhook: WebhookView }) {
  const { t } = useTranslation(['webhooks', 'common']);
  const format = useFormat();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [secret, setSecret] = useState<string>();
  const { id, url, eventTypes, headers, active, disabledReason, failingSince, previousSecretUntil } = webhook;
  const here = { webhook: id, status: search.status };
  const refresh = () => queries.invalidateQueries({ queryKey: level.key });
  const fail = (problem: unknown) => toast(problemText(problem), { error: true });
  const test = useMutation({
    mutationFn: () => level.test(id),
    onSuccess: async ({ id: delivery }) => {
      await refresh();
      setSearch({ ...here, status: undefined, delivery });
    },
    onError: fail,
  });
  const turn = useMutation({
    mutationFn: () => level.update(id, { active: !active }, webhook.etag),
    onSuccess: async (saved) => {
      toast(t(saved.active ? 'turnedOn' : 'turnedOff'));
      await refresh();
    },
    onError: fail,
  });
  if (search.dialog === 'edit' && mayEdit)
    return (
      <WebhookForm
        webhook={webhook}
        send={async (body, etag) => {
          await level.update(id, body, etag);
          toast(t('saved'));
          await refresh();
          setSearch(here);
        }}
        reload={() => level.get(id)}
      />
    );
  if (secret)
    return (
      <SecretShown
        secret={secret}
        note={t('rotatedText')}
        onClose={() => {
          setSecret(undefined);
          setSearch(here);
        }}
      />
    );
  return (
    <Stack gap="lg">
      {!active && disabledReason && (
        <Alert color="orange" variant="light">
          {t(`disabledText.${disabledReason}`)}
        </Alert>
      )}
      <Facts
        items={[
          { label: t('status'), value: <WebhookStatus webhook={webhook} /> },
          { label: t('url'), value: url },
          { label: t('eventTypes'), value: eventTypes.includes('*') ? t('allTypes') : eventTypes.join(', ') },
          ...(Object.keys(headers).length > 0
            ? [{ label: t('headers'), value: Object.keys(headers).sort().join(', ') }]
            : []),
          ...(failingSince ? [{ label: t('failingSince'), value: format.dateTime(failingSince) }] : []),
          ...(previousSecretUntil
            ? [{ label: t('previousSecret'), value: t('until', { date: format.dateTime(previousSecretUntil) }) }]
            : []),
        ]}
      />
      {mayEdit && (
        <Group gap="xs">
          {active && (
            <Button loading={test.isPending} onClick={() => test.mutate()}>
              {t('sendTest')}
            </Button>
          )}
          <Button variant="default" loading={turn.isPending} onClick={() => turn.mutate()}>
            {t(active ? 'turnOff' : 'turnOn')}
          </Button>
          <Button variant="default" onClick={() => setSearch({ ...here, dialog: 'edit' })}>
            {t('edit')}
          </Button>
          <Button variant="default" onClick={() => setSearch({ ...here, dialog: 'rotate' })}>
            {t('rotate')}
          </Button>
          {active && (
            <Button variant="default" onClick={() => setSearch({ ...here, dialog: 'replay' })}>
              {t('replaySince')}
            </Button>
          )}
          <Button variant="default" onClick={() => setSearch({ ...here, dialog: 'delete' })}>
            {t('delete')}
          </Button>
        </Group>
      )}
      <Deliveries level={level} webhook={webhook} search={search} setSearch={setSearch} mayEdit={mayEdit} />
      <DangerDialog
        opened={mayEdit && search.dialog === 'rotate'}
        onClose={() => setSearch(here)}
        title={t('rotateTitle')}
        verb={t('rotate')}
        act={async () => {
          setSecret((await level.rotate(id)).secret);
          await refresh();
        }}
      >
        <Text size="sm">{t('rotateText')}</Text>
      </DangerDialog>
      <DangerDialog
        opened={mayEdit && search.dialog === 'delete'}
        onClose={() => setSearch(here)}
        title={t('deleteTitle')}
        verb={t('delete')}
        act={async () => {
          await level.remove(id);
          toast(t('deleted'));
          setSearch({});
          await refresh();
        }}
      >
        <Text size="sm">{t('deleteText')}</Text>
      </DangerDialog>
      {mayEdit && search.dialog === 'replay' && (
        <ReplaySince level={level} id={id} onClose={() => setSearch(here)} onReplayed={refresh} />
      )}
    </Stack>
  );
}

interface ReplayProps {
  level: WebhookLevel;
  id: string;
  onClose: () => void;
  onReplayed: () => Promise<unknown>;
}

function ReplaySince({ level, id, onClose, onReplayed }: ReplayProps) {
  const { t } = useTranslation(['webhooks', 'common']);
  const model = useServerForm<{ since: string }>({
    mode: 'controlled',
    initialValues: { since: '' },
    send: async ({ since }) => {
      const { replayed } = await level.replaySince(id, new Date(since).toISOString());
      toast(t('replayedAll', { count: replayed }));
      await onReplayed();
    },
  });
  const { form, sending } = model;
  return (
    <Modal opened onClose={onClose} title={t('replaySinceTitle')} withCloseButton={false}>
      <ServerForm model={model} labels={{ since: t('since') }} onDone={onClose}>
        <Text size="sm">{t('replaySinceText')}</Text>
        <TextInput type="datetime-local" label={t('since')} required {...form.getInputProps('since')} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button type="submit" loading={sending} disabled={form.getValues().since === ''}>
            {t('replay')}
          </Button>
        </Group>
      </ServerForm>
    </Modal>
  );
}
