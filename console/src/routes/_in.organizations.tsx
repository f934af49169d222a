import { createFileRoute, Outlet } from '@tanstack/react-router';
import { listOrganizations, type OrganizationItemView } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import Building2 from 'lucide-react/icons/building-2';
import Plus from 'lucide-react/icons/plus';
import { Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { pages, useList } from '../api/pages';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor, RouteButton } from '../frame/links';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { sortedBy, SortHeader } from '../frame/SortHeader';
import { StatusBadge } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { FirstRun } from '../operator/FirstRun';
import { SampleData } from '../operator/SampleData';
import { STATUS_TONES, useLifecycle } from '../organizations/lifecycle';

const TABS = { active: 'active', suspended: 'suspended', inactive: 'pending_deletion' } as const;
type Tab = keyof typeof TABS;
const SORTS = ['name', '-name', 'available', '-available', 'createdAt', '-createdAt'] as const;
type Sort = (typeof SORTS)[number];

interface Search {
  q?: string | undefined;
  status?: Exclude<Tab, 'active'> | undefined;
  sort?: Sort | undefined;
}

const listOf = ({ q, status = 'active', sort }: { q?: string; status?: Tab; sort?: Sort }) =>
  pages(['organizations', { q, status, sort }], (page, signal) =>
    listOrganizations({
      query: { ...page, include: 'credits,plan,counts', status: TABS[status], ...(q && { q }), ...(sort && { sort }) },
      signal,
    }),
  );

export const Route = createFileRoute('/_in/organizations')({
  validateSearch: ({ q, status, sort }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...((status === 'suspended' || status === 'inactive') && { status }),
    ...(SORTS.includes(sort as Sort) && { sort: sort as Sort }),
  }),
  loaderDeps: ({ search }) => search,
  loader: async ({ context, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(listOf(deps));
    await loadTexts('organizations', 'lifecycle', 'operator', 'overview');
  },
  component: Organizations,
});

function Organizations() {
  const { t } = useTranslation(['organizations', 'lifecycle', 'common']);
  const format = useFormat();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const can = useCan();
  const { restore } = useLifecycle();
  const { q, status: tab = 'active', sort = 'name' } = search;
  const none = <Text c="dimmed">–</Text>;
  const list = useList(listOf(search));

  const columns: Column<OrganizationItemView>[] = [
    {
      key: 'name',
      header: <SortHeader label={t('name')} field="name" sort={sort} />,
      sorted: sortedBy(sort, 'name'),
      width: 'minmax(8rem, 3fr)',
      cell: ({ slug, name }) => (
        <RouteAnchor to="/o/$slug" params={{ slug }} fw={500} c="var(--mantine-color-text)" dir="auto">
          {name}
        </RouteAnchor>
      ),
    },
    {
      key: 'id',
      header: t('id'),
      width: 'minmax(5rem, 1fr)',
      cell: ({ externalId }) => externalId ?? none,
      wide: true,
    },
    {
      key: 'status',
      header: t('status'),
      width: '7.5rem',
      cell: ({ status }) => <StatusBadge tone={STATUS_TONES[status]}>{t(`common:status.${status}`)}</StatusBadge>,
      wide: true,
    },
    {
      key: 'plan',
      header: t('plan'),
      width: 'minmax(5rem, 1fr)',
      cell: ({ plan }) => plan?.name ?? none,
      wide: true,
    },
    {
      key: 'credits',
      header: <SortHeader label={t('credits')} field="available" sort={sort} />,
      sorted: sortedBy(sort, 'available'),
      width: 'minmax(5rem, 1fr)',
      cell: ({ credits }) => (credits ? format.credits(credits.available) : none),
      numeric: true,
    },
    {
      key: 'members',
      header: t('members'),
      width: '5.5rem',
      cell: ({ counts }) => (counts ? format.number(counts.members) : none),
      numeric: true,
      wide: true,
    },
    tab === 'inactive'
      ? {
          key: 'purge',
          header: t('purge'),
          width: '8rem',
          cell: ({ purgeAt }) => purgeAt && format.date(purgeAt),
          numeric: true,
          wide: true,
        }
      : {
          key: 'created',
          header: <SortHeader label={t('created')} field="createdAt" sort={sort} />,
          sorted: sortedBy(sort, 'createdAt'),
          width: '8rem',
          cell: ({ createdAt }) => format.date(createdAt),
          numeric: true,
          wide: true,
        },
  ];
  if (tab === 'inactive' && can(requires.restoreOrganization))
    columns.push({
      key: 'restore',
      header: '',
      width: '8rem',
      numeric: true,
      cell: (organization) => (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={t('restore', { name: organization.name })}
          onClick={() => void restore(organization)}
        >
          {t('lifecycle:restore')}
        </Button>
      ),
    });

  const canCreate = can(requires.createOrganization);
  const openNew = () => void navigate({ to: '/organizations/new', search: true });
  const create = canCreate && (
    <RouteButton to="/organizations/new" search={true} leftSection={<Plus size={16} />}>
      {t('new')}
    </RouteButton>
  );
  const tabs = (Object.keys(TABS) as Tab[]).map((value) => ({ value, label: t(`tabs.${value}`) }));
  const empty = q ? (
    <EmptyState
      title={t('noneTitle')}
      text={t('noneText', { q })}
      action={
        <Button variant="default" onClick={() => void navigate({ search: (before) => ({ ...before, q: undefined }) })}>
          {t('common:clearSearch')}
        </Button>
      }
    />
  ) : tab === 'active' ? (
    <FirstRun
      fallback={
        <EmptyState icon={<Building2 size={20} />} title={t('emptyTitle')} text={t('emptyText')} action={create} />
      }
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
        onSearch={(value) =>
          void navigate({ search: (before) => ({ ...before, q: value || undefined }), replace: true })
        }
        filters={
          <Tabs
            label={t('status')}
            tabs={tabs}
            active={tab}
            search={(before: Search, value) => ({ ...before, status: value === 'active' ? undefined : value })}
          />
        }
        actions={create}
        onCreate={canCreate ? openNew : undefined}
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      >
        {list.rows.length > 0 && <SampleData />}
        <ListTable label={t('title')} list={list} columns={columns} rowKey={({ id }) => id} empty={empty} />
      </ListPage>
      <Outlet />
    </>
  );
}
