import { createFileRoute } from '@tanstack/react-router';
import type { ReceivedContentItemView } from '@trellis/client';
import Newspaper from 'lucide-react/icons/newspaper';
import { useTranslation } from 'react-i18next';
import { useList } from '../api/pages';
import { ReceivedDrawer } from '../content/ReceivedDrawer';
import { readReceivedSearch, receivedOf, type ReceivedSearch } from '../content/received';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { StatusBadge } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';

export const Route = createFileRoute('/_in/o/$slug/content')({
  validateSearch: readReceivedSearch,
  loaderDeps: ({ search: { view, q } }) => ({ view, q }),
  loader: async ({ context: { queryClient, organization }, deps: { view, q } }) => {
    void queryClient.prefetchInfiniteQuery(receivedOf(organization.id, view).list(q));
    await loadTexts('received', 'documents');
  },
  component: Content,
});

function Content() {
  const { t } = useTranslation('received');
  const format = useFormat();
  const { id: orgId } = Route.useRouteContext().organization;
  const { view, q, document } = Route.useSearch();
  const navigate = Route.useNavigate();
  const received = receivedOf(orgId, view);
  const list = useList(received.list(q));
  const setSearch = (next: ReceivedSearch, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace });
  const columns: Column<ReceivedContentItemView>[] = [
    {
      key: 'title',
      header: t('documentTitle'),
      width: 'minmax(8rem, 3fr)',
      cell: ({ id, title }) => (
        <RouteAnchor
          to="."
          search={((before: ReceivedSearch) => ({ ...before, document: id })) as never}
          fw={500}
          c="var(--mantine-color-text)"
          dir="auto"
        >
          {title}
        </RouteAnchor>
      ),
    },
    {
      key: 'version',
      header: t('version'),
      width: '9rem',
      cell: ({ version, available, follow }) =>
        follow !== 'latest' && available > version
          ? t('versionOf', { version, available })
          : t('versionNumber', { version }),
    },
    {
      key: 'own',
      header: t('yours'),
      width: '8rem',
      cell: ({ overridden, follow }) =>
        (overridden || follow !== 'latest') && (
          <StatusBadge tone="neutral">{overridden ? t('overridden') : t('pinnedShort')}</StatusBadge>
        ),
      wide: true,
    },
    {
      key: 'published',
      header: t('published'),
      width: '7.5rem',
      cell: ({ publishedAt }) => publishedAt && format.date(publishedAt),
      numeric: true,
      wide: true,
    },
  ];
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('description')}
        searchLabel={t('search')}
        q={q ?? ''}
        onSearch={(value) => setSearch({ q: value || undefined }, true)}
        filters={
          <Tabs
            label={t('kind')}
            tabs={[
              { value: 'content' as const, label: t('content') },
              { value: 'templates' as const, label: t('templates') },
            ]}
            active={view ?? 'content'}
            search={(before: ReceivedSearch, value) => ({
              ...before,
              document: undefined,
              view: value === 'content' ? undefined : value,
            })}
          />
        }
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      >
        <ListTable
          label={t('title')}
          list={list}
          columns={columns}
          rowKey={({ id }) => id}
          empty={
            q ? (
              <EmptyState title={t('noneTitle')} text={t('noneText')} />
            ) : (
              <EmptyState
                icon={<Newspaper size={20} />}
                title={t(view === 'templates' ? 'emptyTemplates' : 'emptyContent')}
                text={t('emptyText')}
              />
            )
          }
        />
      </ListPage>
      <ReceivedDrawer
        orgId={orgId}
        received={received}
        id={document}
        onClose={() => setSearch({ document: undefined })}
      />
    </>
  );
}
