import { Button, Checkbox, Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { createRole, getRole, type RoleView, updateRole } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { organizationAccess } from '../api/access';
import { FormActions, ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import { useRefreshPeople } from '../members/useChangeMember';
import { type PermissionKey, usePermissions } from './permissions';

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
  const [q, setQ] = useState('');
  const { topics } = usePermissions(q);
  const [saved, setSaved] = useState<RoleView>();
  const model = useServerForm({
    initialValues: role ? valuesOf(role) : { name: '', description: '', permissions: [] as PermissionKey[] },
    etag: role && `"${role.version}"`,
    send: async (values, ifMatch) => {
      const body = { ...values, description: values.description || null };
      const { data } = role
        ? await updateRole({
            path: { orgId, roleId: role.id },
            body,
            headers: { ...(ifMatch && { 'If-Match': ifMatch }) },
          })
        : await createRole({ path: { orgId }, body });
      setSaved(data);
      toast(role ? t('saved', { role: data.name }) : t('created', { role: data.name }));
      await refresh();
      onDone(data);
    },
    ...(role && {
      current: async () => {
        const { data } = await getRole({ path: { orgId, roleId: role.id } });
        return { values: valuesOf(data), etag: `"${data.version}"` };
      },
    }),
  });
  const { form, sending } = model;
  const chosen = form.getValues().permissions;
  const choose = (key: PermissionKey, on: boolean) =>
    form.setFieldValue('permissions', on ? [...chosen, key] : chosen.filter((one) => one !== key));
  return (
    <ServerForm
      model={model}
      labels={{ name: t('name'), description: t('description'), permissions: t('permissions') }}
      guard={saved === undefined}
    >
      <TextInput label={t('name')} required maxLength={120} data-autofocus {...form.getInputProps('name')} />
      <Textarea label={t('description')} autosize minRows={2} maxLength={500} {...form.getInputProps('description')} />
      <section aria-label={t('permissions')}>
        <Group justify="space-between" mb="xs">
          <Title order={3}>{t('permissions')}</Title>
          <Text size="xs" c="dimmed" role="status">
            {t('chosen', { count: chosen.length })}
          </Text>
        </Group>
        {form.errors.permissions && (
          <Text size="sm" c="var(--app-danger)" role="alert" mb="xs">
            {form.errors.permissions}
          </Text>
        )}
        <TextInput
          type="search"
          aria-label={t('searchPermissions')}
          placeholder={t('searchPermissions')}
          value={q}
          onChange={({ currentTarget: { value } }) => setQ(value)}
          mb="md"
        />
        <Stack gap="lg">
          {topics.map(({ topic, permissions }) => (
            <Stack key={topic} gap="xs" role="group" aria-label={t(`topic.${topic}`)}>
              <Text size="sm" fw={600}>
                {t(`topic.${topic}`)}
              </Text>
              {permissions
                .filter(({ inCustomRoles }) => inCustomRoles)
                .map(({ key, description }) => (
                  <Checkbox
                    key={key}
                    label={description}
                    description={held.includes(key) ? key : `${key} · ${t('notHeld')}`}
                    checked={chosen.includes(key)}
                    disabled={!held.includes(key)}
                    onChange={({ currentTarget: { checked } }) => choose(key, checked)}
                  />
                ))}
            </Stack>
          ))}
        </Stack>
      </section>
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
