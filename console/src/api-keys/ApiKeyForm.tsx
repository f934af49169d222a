import { Button, Select, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiKeyView, createApiKey } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { organizationAccess } from '../api/access';
import { ServerForm } from '../frame/ServerForm';
import { useServerForm } from '../frame/useServerForm';
import { UnitPicker } from '../members/UnitPicker';
import { PermissionPicker } from '../roles/PermissionPicker';
import { expiryOf, type Lifetime, LIFETIMES } from './lifetimes';
import type { CreatedKey } from './NewKeyDrawer';

type KeyPermission = ApiKeyView['permissions'][number];

/** Creates an API key of an organization. */
export function ApiKeyForm({ orgId, onCreated }: { orgId: string; onCreated: (key: CreatedKey) => void }) {
  const { t } = useTranslation(['apiKeys', 'roles', 'permissions']);
  const queries = useQueryClient();
  const access = useQuery(organizationAccess(orgId)).data;
  const held: readonly string[] = [...(access?.permissions ?? []), ...(access?.allUnits ?? [])];
  const [units, setUnits] = useState<{ value: string; label: string }[]>([]);
  const model = useServerForm({
    initialValues: {
      name: '',
      lifetime: 'days365' as Lifetime,
      permissions: ['charges:create', 'credits:read'] as KeyPermission[],
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
      onCreated({ ...data, tries: `/admin/organizations/${orgId}/access` });
      await queries.invalidateQueries({ queryKey: ['api-keys', orgId] });
    },
  });
  const { form, sending } = model;
  const { permissions } = form.getValues();
  return (
    <ServerForm model={model} labels={{}} guard="dialog">
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
        data={LIFETIMES.map((value) => ({ value, label: t(`lifetimes.${value}`) }))}
        allowDeselect={false}
        {...form.getInputProps('lifetime')}
      />
      <UnitPicker orgId={orgId} label={t('units')} description={t('unitsText')} value={units} onChange={setUnits} />
      <PermissionPicker
        offers={({ key, inApiKeys }) => inApiKeys && held.includes(key)}
        value={permissions}
        onChange={(chosen) => form.setFieldValue('permissions', chosen as KeyPermission[])}
        error={form.errors.permissions}
      />
      <div>
        <Button type="submit" loading={sending} disabled={permissions.length === 0}>
          {t('create')}
        </Button>
      </div>
    </ServerForm>
  );
}
