import { Alert, Button, Checkbox, Code, Drawer, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createApiKey, type CreatedApiKeyView } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { organizationAccess } from '../api/access';
import { CopyButton } from '../frame/CopyButton';
import { ServerForm } from '../frame/ServerForm';
import { useServerForm } from '../frame/useServerForm';
import { UnitPicker } from '../members/UnitPicker';
import { usePermissions } from '../roles/permissions';
import { apiBase } from '../start';

interface Props {
  orgId: string;
  opened: boolean;
  onClose: () => void;
}

/** Creates an API key and shows it once. */
export function CreateApiKey({ orgId, opened, onClose }: Props) {
  const { t } = useTranslation(['apiKeys', 'common']);
  const [created, setCreated] = useState<CreatedApiKeyView>();
  const close = () => {
    setCreated(undefined);
    onClose();
  };
  return (
    <Drawer
      opened={opened}
      onClose={close}
      position="right"
      size="lg"
      // The key is gone once this closes, so a stray click does not do it.
      closeOnClickOutside={created === undefined}
      title={
        <Text component="span" fz="lg" fw={600}>
          {created ? created.name : t('new')}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {created ? (
        <CreatedKey orgId={orgId} created={created} onClose={close} />
      ) : (
        <Form orgId={orgId} onCreated={setCreated} />
      )}
    </Drawer>
  );
}

type Permission = CreatedApiKeyView['permissions'][number];
const DAYS = { days30: 30, days90: 90, days365: 365, never: null } as const;
type Lifetime = keyof typeof DAYS;

const expiryOf = (lifetime: Lifetime): string | null => {
  const days = DAYS[lifetime];
  return days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString();
};

function Form({ orgId, onCreated }: { orgId: string; onCreated: (key: CreatedApiKeyView) => void }) {
  const { t } = useTranslation(['apiKeys', 'roles', 'permissions']);
  const queries = useQueryClient();
  const access = useQuery(organizationAccess(orgId)).data;
  const held: readonly string[] = [...(access?.permissions ?? []), ...(access?.allUnits ?? [])];
  const [q, setQ] = useState('');
  const { topics } = usePermissions(q);
  const [units, setUnits] = useState<{ value: string; label: string }[]>([]);
  const [done, setDone] = useState(false);
  const model = useServerForm({
    initialValues: {
      name: '',
      lifetime: 'days365' as Lifetime,
      permissions: ['charges:create', 'credits:read'] as Permission[],
    },
    send: async ({ name, lifetime, permissions }) => {
      const { data } = await createApiKey({
        path: { orgId },
        body: {
          name,
          permissions,
          expiresAt: expiryOf(lifetime),
          ...(units.length > 0 && { unitIds: units.map(({ value }) => value) }),
        },
      });
      setDone(true);
      onCreated(data);
      await queries.invalidateQueries({ queryKey: ['api-keys', orgId] });
    },
  });
  const { form, sending } = model;
  const chosen = form.getValues().permissions;
  const choose = (key: Permission, on: boolean) =>
    form.setFieldValue('permissions', on ? [...chosen, key] : chosen.filter((one) => one !== key));
  return (
    <ServerForm model={model} labels={{}} guard={!done}>
      <TextInput
        label={t('name')}
        description={t('nameText')}
        required
        maxLength={100}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Select
        label={t('lifetime')}
        data={(Object.keys(DAYS) as Lifetime[]).map((value) => ({ value, label: t(`lifetimes.${value}`) }))}
        allowDeselect={false}
        {...form.getInputProps('lifetime')}
      />
      <UnitPicker orgId={orgId} label={t('units')} description={t('unitsText')} value={units} onChange={setUnits} />
      <section aria-label={t('permissions')}>
        <Group justify="space-between" mb="xs">
          <Title order={3}>{t('permissions')}</Title>
          <Text size="xs" c="dimmed" role="status">
            {t('roles:chosen', { count: chosen.length })}
          </Text>
        </Group>
        {form.errors.permissions && (
          <Text size="sm" c="var(--app-danger)" role="alert" mb="xs">
            {form.errors.permissions}
          </Text>
        )}
        <TextInput
          type="search"
          aria-label={t('roles:searchPermissions')}
          placeholder={t('roles:searchPermissions')}
          value={q}
          onChange={({ currentTarget: { value } }) => setQ(value)}
          mb="md"
        />
        <Stack gap="lg">
          {topics.map(({ topic, permissions }) => {
            const offered = permissions.filter(({ key, inApiKeys }) => inApiKeys && held.includes(key));
            if (offered.length === 0) return null;
            return (
              <Stack key={topic} gap="xs" role="group" aria-label={t(`roles:topic.${topic}`)}>
                <Text size="sm" fw={600}>
                  {t(`roles:topic.${topic}`)}
                </Text>
                {offered.map(({ key, description }) => (
                  <Checkbox
                    key={key}
                    label={description}
                    description={key}
                    checked={chosen.includes(key as Permission)}
                    onChange={({ currentTarget: { checked } }) => choose(key as Permission, checked)}
                  />
                ))}
              </Stack>
            );
          })}
        </Stack>
      </section>
      <div>
        <Button type="submit" loading={sending} disabled={chosen.length === 0}>
          {t('create')}
        </Button>
      </div>
    </ServerForm>
  );
}

interface CreatedProps {
  orgId: string;
  created: CreatedApiKeyView;
  onClose: () => void;
}

function CreatedKey({ orgId, created: { key }, onClose }: CreatedProps) {
  const { t } = useTranslation('apiKeys');
  const line = `curl -H "Authorization: Bearer ${key}" ${location.origin}${apiBase}/admin/organizations/${orgId}/access`;
  return (
    <Stack>
      <Alert color="yellow" variant="light" c="var(--mantine-color-text)">
        {t('onlyNow')}
      </Alert>
      <Shown label={t('key')} value={key} />
      <Shown label={t('tryIt')} value={line} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('saved')}</Button>
      </Group>
    </Stack>
  );
}

const Shown = ({ label, value }: { label: string; value: string }) => (
  <div>
    <Group justify="space-between" mb={4}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <CopyButton value={value} label={label} />
    </Group>
    <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {value}
    </Code>
  </div>
);
