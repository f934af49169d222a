import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import type { RoleView } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListPage } from '../frame/ListPage';
import { ProblemAlert } from '../frame/Problem';
import { StatusBadge } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import { contains } from '../frame/contains';
import { type Column, VirtualTable } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { rolesOf, useRoleName, useRoleText } from '../members/grants';
import { RoleDrawer } from '../roles/RoleDrawer';
import { RoleMatrix } from '../roles/RoleMatrix';

interface Search {
  q?: string | undefined;
  view?: 'permissions' | undefined;
  /** The role in the drawer. */
  role?: string | undefined;
  dialog?: 'new' | 'edit' | undefined;
}

export const Route = createFileRoute('/_in/o/$slug/roles')({
  validateSearch: ({ q, view, role, dialog }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...(view === 'permissions' && { view }),
    ...(typeof role === 'string' && role && { role }),
    ...((dialog === 'new' || dialog === 'edit') && { dialog }),
  }),
  loader: async ({ context: { queryClient, organization } }) => {
    void queryClient.prefetchQuery(rolesOf(organization.id));
    await loadTexts('roles', 'membership', 'permissions', 'members');
  },
  component: Roles,
});

function Roles() {
  const { t } = useTranslation('roles');
  const roleName = useRoleName();
  const roleText = useRoleText();
  const format = useFormat();
  const { organization } = Route.useRouteContext();
  const { q = '', view = 'roles', role: roleId, dialog } = Route.useSearch();
  const navigate = Route.useNavigate();
  const can = useCanIn(organization.id);
  const list = useQuery(rolesOf(organization.id));
  const roles = list.data ?? [];
  const rows = roles.filter((one) => [roleName(one), one.key, roleText(one) ?? ''].some((text) => contains(text, q)));
  const mayCreate = can(requires.createRole);
  const setSearch = (change: Search, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const create = () => setSearch({ dialog: 'new', role: undefined });

  const columns: Column<RoleView>[] = [
    {
      key: 'name',
      header: t('name'),
      width: 'minmax(8rem, 1.5fr)',
      cell: (row) => (
        <RouteAnchor
          from="/o/$slug/roles"
          to="."
          search={(before) => ({ ...before, role: row.id })}
          fw={500}
          c="var(--mantine-color-text)"
        >
          {roleName(row)}
        </RouteAnchor>
      ),
    },
    {
      key: 'kind',
      header: t('kind'),
      width: '8.5rem',
      cell: ({ kind }) => <StatusBadge tone={kind === 'custom' ? 'good' : 'neutral'}>{t(`kinds.${kind}`)}</StatusBadge>,
    },
    {
      key: 'description',
      header: t('description'),
      width: 'minmax(10rem, 4fr)',
      cell: (row) => (
        <Text inherit c="dimmed" truncate="end">
          {roleText(row)}
        </Text>
      ),
      wide: true,
    },
    {
      key: 'permissions',
      header: t('permissions'),
      width: '7rem',
      cell: ({ permissions }) => format.number(permissions.length),
      numeric: true,
      wide: true,
    },
  ];
  const role = roles.find(({ id }) => id === roleId);
  return (
    <>
      <ListPage
        title={t('title')}
        searchLabel={view === 'roles' ? t('search') : t('searchPermissions')}
        q={q}
        onSearch={(value) => setSearch({ q: value || undefined }, true)}
        onCreate={mayCreate ? create : undefined}
        actions={mayCreate && <Button onClick={create}>{t('new')}</Button>}
        filters={
          <Tabs
            label={t('views')}
            tabs={[
              { value: 'roles', label: t('title') },
              { value: 'permissions', label: t('permissions') },
            ]}
            active={view}
            search={(_: Search, value) => (value === 'permissions' ? { view: value } : {})}
          />
        }
        count={list.data && view === 'roles' ? t('count', { count: rows.length }) : undefined}
        empty={
          list.isError ? (
            <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
          ) : list.data && rows.length === 0 && view === 'roles' ? (
            <EmptyState title={t('noneTitle')} text={t('noneText', { q })} />
          ) : undefined
        }
      >
        {view === 'roles' ? (
          <VirtualTable
            label={t('title')}
            rows={rows}
            columns={columns}
            rowKey={({ id }) => id}
            total={rows.length}
            hasMore={false}
            loadMore={() => undefined}
            loading={list.isPending}
          />
        ) : (
          <RoleMatrix roles={roles} q={q} />
        )}
      </ListPage>
      <RoleDrawer
        organization={organization}
        role={role}
        mode={dialog === 'new' && mayCreate ? 'new' : !roleId ? 'closed' : dialog === 'edit' ? 'edit' : 'view'}
        setMode={(mode, shown) =>
          setSearch({
            role: mode === 'closed' ? undefined : (shown?.id ?? roleId),
            dialog: mode === 'edit' ? 'edit' : undefined,
          })
        }
      />
    </>
  );
}
