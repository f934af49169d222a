import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { listUnits, restoreUnit, type UnitView } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import Network from 'lucide-react/icons/network';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { pages, useList } from '../api/pages';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { sortedBy, SortHeader } from '../frame/SortHeader';
import { StatusBadge } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { useActionsColumn } from '../members/RowActions';
import { UNIT_TONES } from '../units/unit';
import { UnitForm } from '../units/UnitForm';

const TABS = { active: 'active', suspended: 'suspended', inactive: 'pending_deletion' } as const;
type Tab = keyof typeof TABS;
const SORTS = ['name', '-name', 'createdAt', '-createdAt'] as const;

interface Search {
  q?: string | undefined;
  status?: Exclude<Tab, 'active'> | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  dialog?: 'new' | undefined;
}

const unitsOf = (
  orgId: string,
  { q, status = 'active', sort = 'name' }: Omit<Search, 'status'> & { status?: Tab | undefined },
) =>
  pages(['units', orgId, { q, status, sort }], (page, signal) =>
    listUnits({ path: { orgId }, query: { ...page, sort, status: TABS[status], ...(q && { q }) }, signal }),
  );

export const Route = createFileRoute('/_in/o/$slug/units/')({
  validateSearch: ({ q, status, sort, dialog }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...((status === 'suspended' || status === 'inactive') && { status }),
    ...(SORTS.includes(sort as 'name') && { sort: sort as 'name' }),
    ...(dialog === 'new' && { dialog }),
  }),
  loaderDeps: ({ search: { q, status, sort } }) => ({ q, status, sort }),
  loader: async ({ context: { queryClient, organization }, deps }) => {
    void queryClient.prefetchInfiniteQuery(unitsOf(organization.id, deps));
    await loadTexts('units', 'membership');
  },
  component: Units,
});

function Units() {
  const { t } = useTranslation(['units', 'membership', 'common']);
  const format = useFormat();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const { organization } = Route.useRouteContext();
  const { id: orgId, slug } = organization;
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { q, status: tab = 'active', sort = 'name', dialog } = search;
  const can = useCanIn(orgId);
  const list = useList(unitsOf(orgId, search));
  const mayCreate = can(requires.createUnit);
  const setSearch = (next: Search, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace });
  const create = () => setSearch({ dialog: 'new' });
  const restore = useMutation({
    mutationFn: ({ id }: UnitView) => restoreUnit({ path: { orgId, unitId: id } }),
    onSuccess: (_, { name }) => toast(t('restored', { name })),
    onError: (error) => toast(problemText(error), { error: true }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['units', orgId] }),
  });

  const actions = useActionsColumn<UnitView>(
    '7.5rem',
    ({ name }) => name,
    (unit) =>
      can(requires.restoreUnit)
        ? [
            {
              label: t('restore'),
              run: () => restore.mutate(unit),
              busy: restore.isPending && restore.variables.id === unit.id,
            },
          ]
        : [],
  );
  const columns: Column<UnitView>[] = [
    {
      key: 'name',
      header: <SortHeader label={t('name')} field="name" sort={sort} />,
      sorted: sortedBy(sort, 'name'),
      width: 'minmax(8rem, 3fr)',
      cell: (unit) => (
        <RouteAnchor
          to="/o/$slug/units/$unit"
          params={{ slug, unit: unit.slug }}
          fw={500}
          c="var(--mantine-color-text)"
          dir="auto"
        >
          {unit.name}
        </RouteAnchor>
      ),
    },
    { key: 'slug', header: t('slug'), width: 'minmax(6rem, 1.5fr)', cell: (unit) => unit.slug, wide: true },
    {
      key: 'id',
      header: t('externalId'),
      width: 'minmax(5rem, 1fr)',
      cell: ({ externalId }) => externalId,
      wide: true,
    },
    {
      key: 'role',
      header: t('yourRole'),
      width: '6.5rem',
      cell: ({ role }) => role && t(`membership:role.${role}`),
      wide: true,
    },
    {
      key: 'status',
      header: t('status'),
      width: '7.5rem',
      cell: ({ status }) => <StatusBadge tone={UNIT_TONES[status]}>{t(`common:status.${status}`)}</StatusBadge>,
    },
    {
      key: 'created',
      header: <SortHeader label={t('createdAt')} field="createdAt" sort={sort} />,
      sorted: sortedBy(sort, 'createdAt'),
      width: '7.5rem',
      cell: ({ createdAt }) => format.date(createdAt),
      numeric: true,
      wide: true,
    },
    ...(tab === 'inactive'
      ? [
          {
            key: 'purge',
            header: t('purge'),
            width: '8rem',
            cell: ({ purgeAt }: UnitView) => purgeAt && format.date(purgeAt),
            numeric: true,
            wide: true,
          },
          actions,
        ]
      : []),
  ];

  const empty = q ? (
    <EmptyState
      title={t('noneTitle')}
      text={t('noneText', { q })}
      action={
        <Button variant="default" onClick={() => setSearch({ q: undefined })}>
          {t('common:clearSearch')}
        </Button>
      }
    />
  ) : tab === 'active' ? (
    <EmptyState
      icon={<Network size={20} />}
      title={t('emptyTitle')}
      text={t('emptyText')}
      action={mayCreate && <Button onClick={create}>{t('new')}</Button>}
    />
  ) : (
    <EmptyState title={t('emptyTab')} text={t('emptyTabText')} />
  );
  return (
    <>
      <ListPage
        title={t('title')}
        searchLabel={t('search')}
        q={q ?? ''}
        onSearch={(value) => setSearch({ q: value || undefined }, true)}
        onCreate={mayCreate ? create : undefined}
        actions={mayCreate && <Button onClick={create}>{t('new')}</Button>}
        filters={
          <Tabs
            label={t('status')}
            tabs={(Object.keys(TABS) as Tab[]).map((value) => ({ value, label: t(`common:status.${TABS[value]}`) }))}
            active={tab}
            search={(before: Search, value) => ({ ...before, status: value === 'active' ? undefined : value })}
          />
        }
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      >
        <ListTable label={t('title')} list={list} columns={columns} rowKey={({ id }) => id} empty={empty} />
      </ListPage>
      {mayCreate && (
        <UnitForm
          orgId={orgId}
          opened={dialog === 'new'}
          onClose={() => setSearch({ dialog: undefined })}
          onDone={(unit) => void navigate({ to: '/o/$slug/units/$unit', params: { slug, unit: unit.slug } })}
        />
      )}
    </>
  );
}
