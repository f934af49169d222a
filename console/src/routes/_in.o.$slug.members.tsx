import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { listMembers, type OrganizationMemberView, type Role } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import UserPlus from 'lucide-react/icons/user-plus';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isStaff, useAccount, useCanIn } from '../api/access';
import { pages, useList } from '../api/pages';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor, RouteButton } from '../frame/links';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { Tabs } from '../frame/Tabs';
import { useColumns } from '../frame/useColumns';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { AddMember } from '../members/AddMember';
import { lastAdminOf, rolesOf, useGrants, useRoleName } from '../members/grants';
import { MemberDrawer } from '../members/MemberDrawer';
import { MemberStatus } from '../members/MemberStatus';
import { RemoveMember } from '../members/RemoveMember';
import { RoleMenu } from '../members/RoleMenu';
import { useActionsColumn } from '../members/RowActions';
import { useChangeMember } from '../members/useChangeMember';

const ROLES = ['user', 'manager', 'admin'] as const;
const SORTS = ['name', '-name', 'email', '-email', 'joinedAt', '-joinedAt'] as const;

interface Search {
  q?: string | undefined;
  role?: Role | undefined;
  /** The id of a functional or custom role. */
  roleId?: string | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  /** The member in the drawer. */
  member?: string | undefined;
  dialog?: 'add' | undefined;
}

const membersOf = (orgId: string, { q, role, roleId, sort = 'name' }: Search) =>
  pages(['members', orgId, { q, role, roleId, sort }], (page, signal) =>
    listMembers({
      path: { orgId },
      query: { ...page, sort, ...(q && { q }), ...(role && { role }), ...(roleId && { roleId }) },
      signal,
    }),
  );

export const Route = createFileRoute('/_in/o/$slug/members')({
  validateSearch: ({ q, role, roleId, sort, member, dialog }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...(ROLES.includes(role as Role) && { role: role as Role }),
    ...(typeof roleId === 'string' && roleId && { roleId }),
    ...(SORTS.includes(sort as 'name') && { sort: sort as 'name' }),
    ...(typeof member === 'string' && member && { member }),
    ...(dialog === 'add' && { dialog }),
  }),
  loaderDeps: ({ search: { q, role, roleId, sort } }) => ({ q, role, roleId, sort }),
  loader: async ({ context: { queryClient, organization }, deps }) => {
    void queryClient.prefetchInfiniteQuery(membersOf(organization.id, deps));
    await loadTexts('members', 'membership');
  },
  component: Members,
});

function Members() {
  const { t } = useTranslation(['members', 'membership', 'common']);
  const roleName = useRoleName();
  const { organization } = Route.useRouteContext();
  const { id: orgId, slug } = organization;
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { q, role, roleId, sort = 'name', member, dialog } = search;
  const column = useColumns(sort);
  const can = useCanIn(orgId);
  const staff = isStaff(useAccount());
  const grants = useGrants(orgId);
  const change = useChangeMember(orgId);
  const lastAdmin = useQuery(lastAdminOf(orgId)).data;
  const withRole = useQuery({ ...rolesOf(orgId), enabled: roleId !== undefined && can(requires.listRoles) }).data?.find(
    ({ id }) => id === roleId,
  );
  const [removing, setRemoving] = useState<OrganizationMemberView | null>(null);
  const list = useList(membersOf(orgId, search));
  const mayAdd = staff && can(requires.addMember);
  const mayInvite = can(requires.createInvitation);
  const setSearch = (next: Search, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace });

  const actions = useActionsColumn<OrganizationMemberView>(
    '5.5rem',
    ({ name }) => name,
    (row) =>
      grants.mayRemove(row)
        ? [
            {
              label: t('remove'),
              run: () => setRemoving(row),
              blocked: lastAdmin === row.userId ? t('lastAdmin') : undefined,
            },
          ]
        : [],
  );
  const columns: Column<OrganizationMemberView>[] = [
    column.name({ label: t('name'), field: 'name' }, (row) => (
      <Group gap="xs" wrap="nowrap" miw={0}>
        <RouteAnchor
          from="/o/$slug/members"
          to="."
          search={(before) => ({ ...before, member: row.userId })}
          fw={500}
          c="var(--mantine-color-text)"
          truncate="end"
          dir="auto"
        >
          {row.name}
        </RouteAnchor>
        <MemberStatus member={row} />
      </Group>
    )),
    column.email({ label: t('membership:email'), field: 'email' }),
    {
      key: 'role',
      header: t('membership:roleLabel'),
      width: '7rem',
      cell: (row) => (
        <RoleMenu
          name={row.name}
          role={row.role}
          offered={grants.mayChange(row) ? grants.forMember(row) : [row.role]}
          onChange={(next) => change.mutate({ member: row, role: next })}
          blocked={lastAdmin === row.userId ? t('lastAdmin') : undefined}
          busy={change.isPending && change.variables.member.userId === row.userId}
        />
      ),
    },
    {
      key: 'more',
      header: t('membership:additionalRoles'),
      width: 'minmax(6rem, 1fr)',
      cell: ({ roles }) => (
        <Text inherit c="dimmed" truncate="end">
          {roles.map(roleName).join(', ')}
        </Text>
      ),
      wide: true,
    },
    column.date('joined', { label: t('since'), field: 'joinedAt' }, ({ joinedAt }) => joinedAt),
    ...(can(requires.removeMember) ? [actions] : []),
  ];

  const empty =
    q || role || roleId ? (
      <EmptyState
        title={t('noneTitle')}
        text={t('noneText')}
        action={
          <Button variant="default" onClick={() => setSearch({ q: undefined, role: undefined, roleId: undefined })}>
            {t('clearFilters')}
          </Button>
        }
      />
    ) : (
      <EmptyState icon={<UserPlus size={20} />} title={t('emptyTitle')} text={t('emptyText')} />
    );
  return (
    <>
      <ListPage
        title={t('title')}
        description={withRole && t('withRole', { role: roleName(withRole) })}
        searchLabel={t('search')}
        q={q ?? ''}
        onSearch={(value) => setSearch({ q: value || undefined }, true)}
        onCreate={
          mayInvite
            ? () => void navigate({ to: '/o/$slug/invitations', params: { slug }, search: { dialog: 'invite' } })
            : undefined
        }
        actions={
          <>
            {mayAdd && (
              <Button variant="default" onClick={() => setSearch({ dialog: 'add' })}>
                {t('add')}
              </Button>
            )}
            {mayInvite && (
              <RouteButton to="/o/$slug/invitations" params={{ slug }} search={{ dialog: 'invite' }}>
                {t('membership:invite')}
              </RouteButton>
            )}
          </>
        }
        filters={
          <Tabs
            label={t('membership:roleLabel')}
            tabs={[
              { value: 'all', label: t('all') },
              ...ROLES.toReversed().map((value) => ({ value, label: t(`filter.${value}`) })),
            ]}
            active={role ?? 'all'}
            search={(before: Search, value) => ({ ...before, role: value === 'all' ? undefined : value })}
          />
        }
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      >
        <ListTable label={t('title')} list={list} columns={columns} rowKey={({ userId }) => userId} empty={empty} />
      </ListPage>
      <MemberDrawer
        organization={organization}
        userId={member}
        onClose={() => setSearch({ member: undefined })}
        onRemove={setRemoving}
      />
      <RemoveMember
        organization={organization}
        member={removing}
        onClose={() => setRemoving(null)}
        onRemoved={() => setSearch({ member: undefined }, true)}
      />
      {mayAdd && <AddMember orgId={orgId} opened={dialog === 'add'} onClose={() => setSearch({ dialog: undefined })} />}
    </>
  );
}
