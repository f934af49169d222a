import { createFileRoute } from '@tanstack/react-router';
import { listUsers, type UserView } from '@trellis/client';
import Users from 'lucide-react/icons/users';
import { useTranslation } from 'react-i18next';
import { pages, useList } from '../api/pages';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { sortedBy, SortHeader } from '../frame/SortHeader';
import { StatusBadge } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { USER_TONES, type UserStatus } from '../people/status';

const TABS = ['all', 'active', 'invited', 'blocked'] as const;
const SORTS = ['name', '-name', 'email', '-email', 'createdAt', '-createdAt'] as const;
type Sort = (typeof SORTS)[number];

interface Search {
  q?: string | undefined;
  status?: UserStatus | undefined;
  sort?: Sort | undefined;
}

const listOf = ({ q, status, sort }: Search) =>
  pages(['people', { q, status, sort }], (page, signal) =>
    listUsers({ query: { ...page, ...(q && { q }), ...(status && { status }), ...(sort && { sort }) }, signal }),
  );

export const Route = createFileRoute('/_in/operator/people/')({
  validateSearch: ({ q, status, sort }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...((status === 'active' || status === 'invited' || status === 'blocked') && { status }),
    ...(SORTS.includes(sort as Sort) && { sort: sort as Sort }),
  }),
  loaderDeps: ({ search }) => search,
  loader: async ({ context, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(listOf(deps));
    await loadTexts('people');
  },
  component: People,
});

function People() {
  const { t } = useTranslation(['people', 'common']);
  const format = useFormat();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { q, status, sort = 'name' } = search;
  const list = useList(listOf(search));
  const columns: Column<UserView>[] = [
    {
      key: 'name',
      header: <SortHeader label={t('name')} field="name" sort={sort} />,
      sorted: sortedBy(sort, 'name'),
      width: 'minmax(8rem, 2fr)',
      cell: ({ id, name, email }) => (
        <RouteAnchor
          to="/operator/people/$userId"
          params={{ userId: id }}
          fw={500}
          c="var(--mantine-color-text)"
          dir="auto"
        >
          {name || email}
        </RouteAnchor>
      ),
    },
    {
      key: 'email',
      header: <SortHeader label={t('email')} field="email" sort={sort} />,
      sorted: sortedBy(sort, 'email'),
      width: 'minmax(8rem, 2fr)',
      cell: ({ email }) => email,
    },
    {
      key: 'status',
      header: t('status'),
      width: '8rem',
      cell: (user) => <StatusBadge tone={USER_TONES[user.status]}>{t(`statuses.${user.status}`)}</StatusBadge>,
      wide: true,
    },
    {
      key: 'created',
      header: <SortHeader label={t('created')} field="createdAt" sort={sort} />,
      sorted: sortedBy(sort, 'createdAt'),
      width: '8rem',
      cell: ({ createdAt }) => createdAt && format.date(createdAt),
      numeric: true,
      wide: true,
    },
  ];
  return (
    <ListPage
      title={t('title')}
      searchLabel={t('search')}
      q={q ?? ''}
      onSearch={(value) => void navigate({ search: (before) => ({ ...before, q: value || undefined }), replace: true })}
      filters={
        <Tabs
          label={t('status')}
          tabs={TABS.map((value) => ({ value, label: t(`tabs.${value}`) }))}
          active={status ?? 'all'}
          search={(before: Search, value) => ({ ...before, status: value === 'all' ? undefined : value })}
        />
      }
      count={list.total === undefined ? undefined : t('count', { count: list.total })}
    >
      <ListTable
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty={<EmptyState icon={<Users size={20} />} title={t('noneTitle')} text={t('noneText')} />}
      />
    </ListPage>
  );
}
