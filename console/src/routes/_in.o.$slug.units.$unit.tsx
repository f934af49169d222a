import { Button, Group, Menu, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import {
  changeUnitMemberRole,
  deleteUnit,
  listUnitMembers,
  type MemberView,
  removeUnitMember,
  restoreUnit,
  resumeUnit,
  type Role,
  suspendUnit,
} from '@trellis/client';
import * as requires from '@trellis/client/requires';
import Ellipsis from 'lucide-react/icons/ellipsis';
import UserPlus from 'lucide-react/icons/user-plus';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { organizationAccess, useCanIn } from '../api/access';
import { pages, useList } from '../api/pages';
import { DangerDialog } from '../frame/DangerDialog';
import { EmptyState } from '../frame/EmptyState';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { NotFound } from '../frame/Problem';
import { StatusBadge } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import { toast } from '../frame/toast';
import { useColumns } from '../frame/useColumns';
import { useProblemText } from '../frame/useProblemText';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { atMost } from '../members/grants';
import { MemberStatus } from '../members/MemberStatus';
import { RoleMenu } from '../members/RoleMenu';
import { useActionsColumn } from '../members/RowActions';
import { AddUnitMember } from '../units/AddUnitMember';
import { UNIT_TONES, unitBySlug } from '../units/unit';
import { UnitForm } from '../units/UnitForm';

const ROLES = ['admin', 'manager', 'user'] as const;
const SORTS = ['name', '-name', 'email', '-email', 'joinedAt', '-joinedAt'] as const;

interface Search {
  q?: string | undefined;
  role?: Role | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  dialog?: 'add' | 'edit' | undefined;
}

const membersOf = (orgId: string, unitId: string, { q, role, sort = 'name' }: Search) =>
  pages(['unit-members', orgId, unitId, { q, role, sort }], (page, signal) =>
    listUnitMembers({
      path: { orgId, unitId },
      query: { ...page, sort, ...(q && { q }), ...(role && { role }) },
      signal,
    }),
  );

export const Route = createFileRoute('/_in/o/$slug/units/$unit')({
  validateSearch: ({ q, role, sort, dialog }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...(ROLES.includes(role as Role) && { role: role as Role }),
    ...(SORTS.includes(sort as 'name') && { sort: sort as 'name' }),
    ...((dialog === 'add' || dialog === 'edit') && { dialog }),
  }),
  loader: async ({ context: { queryClient, organization }, params }) => {
    await Promise.all([
      queryClient.fetchQuery(unitBySlug(organization.id, params.unit)),
      loadTexts('units', 'membership', 'members'),
    ]);
  },
  component: Unit,
});

type Danger = { what: 'remove'; member: MemberView } | { what: 'delete' } | { what: 'suspend' };

function Unit() {
  const { t } = useTranslation(['units', 'membership', 'members', 'common']);
  const format = useFormat();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const { organization } = Route.useRouteContext();
  const { id: orgId, slug } = organization;
  const { unit: unitSlug } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { q, role, sort = 'name', dialog } = search;
  const unit = useQuery(unitBySlug(orgId, unitSlug)).data;
  const unitId = unit?.id ?? '';
  const column = useColumns(sort);
  const can = useCanIn(orgId, unitId);
  const access = useQuery(organizationAccess(orgId)).data;
  const [danger, setDanger] = useState<Danger | null>(null);
  const mayList = can(requires.listUnitMembers);
  const list = useList({ ...membersOf(orgId, unitId, search), enabled: unit !== undefined && mayList });
  const refresh = () =>
    Promise.all(
      ['unit-members', 'units', 'member', 'organization-access'].map((key) =>
        queries.invalidateQueries({ queryKey: [key, orgId] }),
      ),
    );
  const change = useMutation({
    mutationFn: ({ member: { userId, etag }, role: next }: { member: MemberView; role: Role }) =>
      changeUnitMemberRole({
        path: { orgId, unitId, userId },
        body: { role: next },
        headers: { 'If-Match': etag },
      }),
    onSuccess: (_, { member, role: next }) =>
      toast(t('membership:roleChanged', { name: member.name, role: t(`membership:role.${next}`) })),
    onError: (error) => toast(problemText(error), { error: true }),
    onSettled: refresh,
  });
  const bringBack = useMutation({
    mutationFn: async (how: 'restore' | 'resume') => {
      await (how === 'restore' ? restoreUnit : resumeUnit)({ path: { orgId, unitId } });
    },
    onSuccess: (_, how) => toast(t(how === 'restore' ? 'restored' : 'resumed', { name: unit?.name })),
    onError: (error) => toast(problemText(error), { error: true }),
    onSettled: refresh,
  });
  // Managers and admins of the organization have their role in every unit.
  const own = access && access.role !== 'user' ? access.role : unit?.role;
  const grantable = own ? atMost(own) : [];
  const actionsColumn = useActionsColumn<MemberView>(
    '5.5rem',
    ({ name }) => name,
    (member) =>
      grantable.includes(member.role)
        ? [{ label: t('members:remove'), run: () => setDanger({ what: 'remove', member }) }]
        : [],
  );
  if (!unit) return <NotFound />;

  const isDeleted = unit.status === 'pending_deletion';
  const mayAdd = !isDeleted && can(requires.addUnitMember);
  const setSearch = (next: Search, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace });

  const columns: Column<MemberView>[] = [
    column.name({ label: t('name'), field: 'name' }, (row) => (
      <Group gap="xs" wrap="nowrap" miw={0}>
        <Text inherit fw={500} truncate="end">
          {row.name}
        </Text>
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
          offered={can(requires.changeUnitMemberRole) && grantable.includes(row.role) ? grantable : [row.role]}
          onChange={(next) => change.mutate({ member: row, role: next })}
          busy={change.isPending && change.variables.member.userId === row.userId}
          inUnit
        />
      ),
    },
    column.date('joined', { label: t('members:since'), field: 'joinedAt' }, ({ joinedAt }) => joinedAt),
    ...(can(requires.removeUnitMember) ? [actionsColumn] : []),
  ];

  const menu = [
    ...(!isDeleted && unit.status === 'active' && can(requires.suspendUnit)
      ? [{ label: t('suspend'), run: () => setDanger({ what: 'suspend' }) }]
      : []),
    ...(!isDeleted && can(requires.deleteUnit)
      ? [{ label: t('delete'), run: () => setDanger({ what: 'delete' }), bad: true }]
      : []),
  ];
  const actions = (
    <>
      {isDeleted && can(requires.restoreUnit) && (
        <Button loading={bringBack.isPending} onClick={() => bringBack.mutate('restore')}>
          {t('restore')}
        </Button>
      )}
      {unit.status === 'suspended' && can(requires.resumeUnit) && (
        <Button variant="default" loading={bringBack.isPending} onClick={() => bringBack.mutate('resume')}>
          {t('resume')}
        </Button>
      )}
      {menu.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px="xs" aria-label={t('more')}>
              <Ellipsis size={16} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {menu.map(({ label, run, bad }) => (
              <Menu.Item key={label} {...(bad && { c: 'var(--app-danger)' })} onClick={run}>
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {!isDeleted && can(requires.updateUnit) && (
        <Button variant="default" onClick={() => setSearch({ dialog: 'edit' })}>
          {t('edit')}
        </Button>
      )}
      {mayAdd && <Button onClick={() => setSearch({ dialog: 'add' })}>{t('addMember')}</Button>}
    </>
  );

  const empty =
    q || role ? (
      <EmptyState title={t('noMemberTitle')} text={t('noMemberText')} />
    ) : (
      <EmptyState
        icon={<UserPlus size={20} />}
        title={t('emptyMembers')}
        text={t('emptyMembersText')}
        action={mayAdd && <Button onClick={() => setSearch({ dialog: 'add' })}>{t('addMember')}</Button>}
      />
    );
  return (
    <>
      <ListPage
        title={unit.name}
        description={
          <Group component="span" gap="xs">
            <StatusBadge tone={UNIT_TONES[unit.status]}>{t(`common:status.${unit.status}`)}</StatusBadge>
            <span>{[unit.slug, unit.externalId, unit.description].filter(Boolean).join(' · ')}</span>
            {isDeleted && unit.purgeAt && <span>{t('purgeOn', { date: format.date(unit.purgeAt) })}</span>}
          </Group>
        }
        searchLabel={t('searchMembers')}
        q={q ?? ''}
        onSearch={(value) => setSearch({ q: value || undefined }, true)}
        onCreate={mayAdd ? () => setSearch({ dialog: 'add' }) : undefined}
        actions={actions}
        filters={
          <Tabs
            label={t('membership:roleLabel')}
            tabs={[
              { value: 'all', label: t('members:all') },
              ...ROLES.map((value) => ({ value, label: t(`members:filter.${value}`) })),
            ]}
            active={role ?? 'all'}
            search={(before: Search, value) => ({ ...before, role: value === 'all' ? undefined : value })}
          />
        }
        count={list.total === undefined ? undefined : t('members:count', { count: list.total })}
      >
        <ListTable
          label={t('membersOf', { name: unit.name })}
          list={list}
          columns={columns}
          rowKey={({ userId }) => userId}
          empty={empty}
        />
      </ListPage>
      <UnitForm
        orgId={orgId}
        unit={unit}
        opened={dialog === 'edit'}
        onClose={() => setSearch({ dialog: undefined })}
        onDone={(saved) =>
          void navigate({ to: '/o/$slug/units/$unit', params: { slug, unit: saved.slug }, replace: true })
        }
      />
      {mayAdd && (
        <AddUnitMember
          orgId={orgId}
          unit={unit}
          offered={grantable}
          opened={dialog === 'add'}
          onClose={() => setSearch({ dialog: undefined })}
        />
      )}
      <DangerDialog
        opened={danger?.what === 'remove'}
        onClose={() => setDanger(null)}
        title={danger?.what === 'remove' ? t('removeTitle', { name: danger.member.name, unit: unit.name }) : ''}
        verb={t('members:remove')}
        act={async () => {
          if (danger?.what !== 'remove') return;
          const { userId, name } = danger.member;
          await removeUnitMember({ path: { orgId, unitId, userId } });
          toast(t('memberRemoved', { name, unit: unit.name }));
          await refresh();
        }}
      >
        <Text size="sm">{t('removeText')}</Text>
      </DangerDialog>
      <DangerDialog
        opened={danger?.what === 'suspend'}
        onClose={() => setDanger(null)}
        title={t('suspendTitle', { name: unit.name })}
        verb={t('suspend')}
        act={async () => {
          await suspendUnit({ path: { orgId, unitId } });
          toast(t('suspended', { name: unit.name }));
          await refresh();
        }}
      >
        <Text size="sm">{t('suspendText')}</Text>
      </DangerDialog>
      <DangerDialog
        opened={danger?.what === 'delete'}
        onClose={() => setDanger(null)}
        title={t('deleteTitle', { name: unit.name })}
        verb={t('delete')}
        confirmName={unit.name}
        act={async () => {
          const { data } = await deleteUnit({
            path: { orgId, unitId },
            query: { confirmName: unit.name },
            headers: { 'If-Match': unit.etag },
          });
          toast(t('deleted', { name: unit.name, date: format.date(data.purgeAt) }));
          await navigate({ to: '/o/$slug/units', params: { slug } });
          await refresh();
        }}
      >
        {list.total !== undefined && <Text size="sm">{t('deleteMembers', { count: list.total })}</Text>}
        <Text size="sm">{t('deleteText')}</Text>
      </DangerDialog>
    </>
  );
}
