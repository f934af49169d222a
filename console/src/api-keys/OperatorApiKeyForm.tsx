import { Button, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createOperatorApiKey, type OperatorApiKeyView } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { ServerForm } from '../frame/ServerForm';
import { useServerForm } from '../frame/useServerForm';
import { PermissionPicker } from '../roles/PermissionPicker';
import { expiryOf, type Lifetime, LIFETIMES } from './lifetimes';
import type { CreatedKey } from './NewKeyDrawer';

type KeyPermission = OperatorApiKeyView['permissions'][number];
const SCOPES = ['list', 'manager', 'admin'] as const;

/** Creates an API key of the operator. */
export function OperatorApiKeyForm({ onCreated }: { onCreated: (key: CreatedKey) => void }) {
  const { t } = useTranslation(['apiKeys', 'roles', 'permissions']);
  const queries = useQueryClient();
  const model = useServerForm({
    initialValues: {
      name: '',
      lifetime: 'days365' as Lifetime,
      scope: 'list' as (typeof SCOPES)[number],
      permissions: ['organizations:list', 'organization:read'] as KeyPermission[],
    },
    send: async ({ name, lifetime, scope, permissions }) => {
      const { data } = await createOperatorApiKey({
        body: {
          name,
          expiresAt: expiryOf(lifetime),
          ...(scope === 'list' ? { permissions } : { role: scope }),
        },
      });
      const tries = data.permissions.includes('operator:read') ? '/admin/operator' : '/admin/organizations';
      onCreated({ ...data, tries });
      await queries.invalidateQueries({ queryKey: ['operator-api-keys'] });
    },
  });
  const { form, sending } = model;
  const { permissions, scope } = form.getValues();
  return (
    <ServerForm model={model} labels={{}} guard="dialog">
      <TextInput
        label={t('name')}
        description={t('operatorNameText')}
        required
        maxLength={100}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Select
        label={t('lifetime')}
        data={LIFETIMES.map((value) => ({ value, label: t(`lifetimes.${value}`) }))}
        allowDeselect={false}
        {...form.getInputProps('lifetime')}
      />
      <Select
        label={t('scope')}
        description={t('scopeText')}
        data={SCOPES.map((value) => ({ value, label: t(`scopes.${value}`) }))}
        allowDeselect={false}
        {...form.getInputProps('scope')}
      />
      {scope === 'list' && (
        <PermissionPicker
          offers={({ inOperatorApiKeys }) => inOperatorApiKeys}
          value={permissions}
          onChange={(chosen) => form.setFieldValue('permissions', chosen as KeyPermission[])}
          error={form.errors.permissions}
        />
      )}
      <div>
        <Button type="submit" loading={sending} disabled={scope === 'list' && permissions.length === 0}>
          {t('create')}
        </Button>
      </div>
    </ServerForm>
  );
}
