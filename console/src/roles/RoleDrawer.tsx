import { Button, Drawer, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listMembers, type OrganizationView, type RoleView } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { CopyButton } from '../frame/CopyButton';
import { RouteAnchor } from '../frame/links';
import { useFormat } from '../i18n/useFormat';
import { Facts } from '../members/Facts';
import { useRoleName, useRoleText } from '../members/grants';
import { DeleteRole } from './DeleteRole';
import { inOrganizations, usePermissions } from './permissions';
import { RoleForm } from './RoleForm';

interface Props {
  organization: OrganizationView;
  role: RoleView | undefined;
  mode: 'closed' | 'view' | 'edit' | 'new';
  setMode: (mode: 'closed' | 'view' | 'edit', role?: RoleView) => void;
}

/** Shows a role, edits it, or creates one. */
export function RoleDrawer({ organization, role, mode, setMode }: Props) {
  const { t } = useTranslation(['roles', 'common']);
  const roleName = useRoleName();
  const orgId = organization.id;
  return (
    <Drawer
      opened={mode !== 'closed'}
      onClose={() => setMode('closed')}
      position="right"
      size="lg"
      title={
        <Text component="span" fz="lg" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {mode === 'new' ? t('new') : role ? roleName(role) : t('role')}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {mode === 'new' ? (
        <RoleForm orgId={orgId} onDone={(created) => setMode('view', created)} />
      ) : mode === 'edit' && role ? (
        <RoleForm key={role.id} orgId={orgId} role={role} onDone={() => setMode('view')} />
      ) : mode === 'view' && role ? (
        <Details
          organization={organization}
          role={role}
          onEdit={() => setMode('edit')}
          onDeleted={() => setMode('closed')}
        />
      ) : (
        mode === 'view' && <Text size="sm">{t('gone')}</Text>
      )}
    </Drawer>
  );
}

interface DetailsProps {
  organization: OrganizationView;
  role: RoleView;
  onEdit: () => void;
  onDeleted: () => void;
}

function Details({ organization, role, onEdit, onDeleted }: DetailsProps) {
  const { t } = useTranslation(['roles', 'permissions']);
  const can = useCanIn(organization.id);
  const [deleting, setDeleting] = useState(false);
  const topics = usePermissions('', inOrganizations);
  const text = useRoleText()(role);
  const mayEdit = role.kind === 'custom' && can(requires.updateRole);
  return (
    <Stack gap="xl">
      {text && <Text size="sm">{text}</Text>}
      <Facts
        items={[
          { label: t('kind'), value: t(`kinds.${role.kind}`) },
          {
            label: t('key'),
            value: (
              <Group gap={4}>
                <code>{role.key}</code>
                <CopyButton value={role.key} />
              </Group>
            ),
          },
        ]}
      />
      {can(requires.listMembers) && <Holders organization={organization} role={role} />}
      {mayEdit && (
        <Stack gap="xs" align="flex-start">
          <Group gap="xs">
            <Button variant="default" disabled={!role.grantable} onClick={onEdit}>
              {t('edit')}
            </Button>
            <Button
              variant="default"
              c={role.grantable ? 'var(--app-danger)' : undefined}
              disabled={!role.grantable}
              onClick={() => setDeleting(true)}
            >
              {t('delete')}
            </Button>
          </Group>
          {!role.grantable && (
            <Text size="xs" c="dimmed">
              {t('aboveOwn')}
            </Text>
          )}
        </Stack>
      )}
      <section aria-label={t('permissions')}>
        <Title order={3} mb="sm">
          {t('permissions')}
        </Title>
        <Stack gap="md">
          {topics.map(({ topic, permissions }) => {
            const held = permissions.filter(({ key }) => (role.permissions as readonly string[]).includes(key));
            if (held.length === 0) return null;
            return (
              <div key={topic}>
                <Text size="xs" c="dimmed" mb={4}>
                  {t(`topic.${topic}`)}
                </Text>
                {held.map(({ key, description }) => (
                  <Text key={key} size="sm" title={key}>
                    {description}
                  </Text>
                ))}
              </div>
            );
          })}
        </Stack>
      </section>
      {deleting && (
        <DeleteRole orgId={organization.id} role={role} onClose={() => setDeleting(false)} onDeleted={onDeleted} />
      )}
    </Stack>
  );
}

const SHOWN = 5;

/** Who has the role: some names, and a link to all. */
function Holders({ organization: { id: orgId, slug }, role }: Pick<DetailsProps, 'organization' | 'role'>) {
  const { t } = useTranslation('roles');
  const format = useFormat();
  const filter = role.kind === 'built_in' ? { role: role.key as 'user' } : { roleId: role.id };
  const holders = useQuery({
    queryKey: ['role-holders', orgId, role.id],
    queryFn: async ({ signal }) => {
      const query = { ...filter, limit: SHOWN, count: true, sort: 'name' } as const;
      return (await listMembers({ path: { orgId }, query, signal })).data;
    },
  }).data;
  return (
    <section aria-label={t('holders')}>
      <Title order={3} mb="xs">
        {t('holders')}
      </Title>
      {!holders ? (
        <Skeleton h={14} w="50%" />
      ) : holders.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('noHolders')}
        </Text>
      ) : (
        <Text size="sm">
          {holders.items.map(({ name }) => name).join(', ')}
          {(holders.total ?? 0) > SHOWN && ', … '}{' '}
          <RouteAnchor to="/o/$slug/members" params={{ slug }} search={filter} inherit>
            {t('allHolders', { count: holders.total ?? 0, formatted: format.number(holders.total ?? 0) })}
          </RouteAnchor>
        </Text>
      )}
    </section>
  );
}
