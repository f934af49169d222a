import { Button, Textarea, TextInput } from '@mantine/core';
import { createRole, getRole, type RoleView, updateRole } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { organizationAccess } from '../api/access';
import { FormActions, ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import { useRefreshPeople } from '../members/useChangeMember';
import { PermissionPicker } from './PermissionPicker';

type CustomPermission = RoleView['permissions'][number];

interface Props {
  orgId: string;
  /** Undefined for a new role. */
  role?: RoleView | undefined;
  onDone: (role: RoleView) => void;
}

const valuesOf = ({ name, description, permissions }: RoleView) => ({
  name,
  description: description ?? '',
  permissions,
});

/** Creates or changes a custom role. Users can only give what they hold themselves. */
export function RoleForm({ orgId, role, onDone }: Props) {
  const { t } = useTranslation(['roles', 'permissions', 'common']);
  const refresh = useRefreshPeople(orgId);
  const access = useQuery(organizationAccess(orgId)).data;
  const held: readonly string[] = [...(access?.permissions ?? []), ...(access?.allUnits ?? [])];
  const model = useServerForm({
    initialValues: role ? valuesOf(role) : { name: '', description: '', permissions: [] as CustomPermission[] },
    etag: role?.etag,
    send: async (values, ifMatch) => {
      const body = { ...values, description: values.description || null };
      const { data } = role
        ? await updateRole({
            path: { orgId, roleId: role.id },
            body,
            headers: { ...(ifMatch && { 'If-Match': ifMatch }) },
          })
        : await createRole({ path: { orgId }, body });
      toast(role ? t('saved', { role: data.name }) : t('created', { role: data.name }));
      await refresh();
      onDone(data);
    },
    ...(role && {
      current: async () => {
        const { data } = await getRole({ path: { orgId, roleId: role.id } });
        return { values: valuesOf(data), etag: data.etag };
      },
    }),
  });
  const { form, sending } = model;
  return (
    <ServerForm
      model={model}
      labels={{ name: t('name'), description: t('description'), permissions: t('permissions') }}
      guard="dialog"
    >
      <TextInput label={t('name')} required maxLength={120} data-autofocus {...form.getInputProps('name')} />
      <Textarea label={t('description')} autosize minRows={2} maxLength={500} {...form.getInputProps('description')} />
      <PermissionPicker
        offers={({ inCustomRoles }) => inCustomRoles}
        value={form.getValues().permissions}
        onChange={(permissions) => form.setFieldValue('permissions', permissions as CustomPermission[])}
        error={form.errors.permissions}
        refusal={(key) => (held.includes(key) ? undefined : t('notHeld'))}
      />
      {role ? (
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
