import { Anchor, Button, Group, Pill, Text } from '@mantine/core';
import { createFileRoute } from '@tanstack/react-router';
import type { ArtifactView } from '@trellis/client';
import Package from 'lucide-react/icons/package';
import { useTranslation } from 'react-i18next';
import { useList } from '../api/pages';
import { ArtifactDrawer } from '../artifacts/ArtifactDrawer';
import { type ArtifactSearch, artifactsOf, readSearch } from '../artifacts/search';
import { useSize } from '../artifacts/useSize';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { sortedBy, SortHeader } from '../frame/SortHeader';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';

export const Route = createFileRoute('/_in/o/$slug/artifacts')({
  validateSearch: readSearch,
  loaderDeps: ({ search: { q, kind, unitId, sort } }) => ({ q, kind, unitId, sort }),
  loader: async ({ context: { queryClient, organization }, deps }) => {
    void queryClient.prefetchInfiniteQuery(artifactsOf(organization.id, deps));
    await loadTexts('artifacts');
  },
  component: Artifacts,
});

function Artifacts() {
  const { t } = useTranslation('artifacts');
  const format = useFormat();
  const size = useSize();
  const { id: orgId } = Route.useRouteContext().organization;
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { q, kind, unitId, sort = '-createdAt', artifact, unit } = search;
  const list = useList(artifactsOf(orgId, search));
  const setSearch = (next: ArtifactSearch, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace });
  const filtered = [q, kind, unitId].some(Boolean);
  const filter = (change: ArtifactSearch, text: string) => (
    <Anchor component="button" type="button" inherit c="dimmed" onClick={() => setSearch(change)} title={t('only')}>
      {text}
    </Anchor>
  );

  const columns: Column<ArtifactView>[] = [
    {
      key: 'name',
      header: <SortHeader label={t('name')} field="name" sort={sort} />,
      sorted: sortedBy(sort, 'name'),
      width: 'minmax(8rem, 3fr)',
      cell: ({ id, name, unitId: inUnit }) => (
        <RouteAnchor
          to="."
          search={((before: ArtifactSearch) => ({ ...before, artifact: id, unit: inUnit })) as never}
          fw={500}
          c="var(--mantine-color-text)"
          dir="auto"
        >
          {name}
        </RouteAnchor>
      ),
    },
    {
      key: 'kind',
      header: t('kind'),
      width: 'minmax(5rem, 1fr)',
      cell: (row) => filter({ kind: row.kind }, row.kind),
    },
    {
      key: 'unit',
      header: t('unit'),
      width: 'minmax(6rem, 1.5fr)',
      cell: (row) => filter({ unitId: row.unitId }, row.unitName),
      wide: true,
    },
    {
      key: 'size',
      header: t('size'),
      width: '7rem',
      cell: ({ sizeBytes }) => (sizeBytes === null ? '–' : size(sizeBytes)),
      numeric: true,
      wide: true,
    },
    {
      key: 'registered',
      header: <SortHeader label={t('registered')} field="createdAt" sort={sort} />,
      sorted: sortedBy(sort, 'createdAt'),
      width: '8rem',
      cell: ({ createdAt }) => (
        <Text component="time" inherit dateTime={createdAt} title={format.dateTime(createdAt)}>
          {format.ago(createdAt)}
        </Text>
      ),
      numeric: true,
      wide: true,
    },
  ];

  const chip = (text: string, change: ArtifactSearch) => (
    <Pill
      size="md"
      withRemoveButton
      removeButtonProps={{ 'aria-label': t('removeFilter', { filter: text }), 'aria-hidden': false, tabIndex: 0 }}
      onRemove={() => setSearch(change)}
    >
      {text}
    </Pill>
  );
  const empty = filtered ? (
    <EmptyState
      title={t('noneTitle')}
      text={t('noneText')}
      action={
        <Button variant="default" onClick={() => setSearch({ q: undefined, kind: undefined, unitId: undefined })}>
          {t('clear')}
        </Button>
      }
    />
  ) : (
    <EmptyState icon={<Package size={20} />} title={t('emptyTitle')} text={t('emptyText')} />
  );
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('description')}
        searchLabel={t('search')}
        q={q ?? ''}
        onSearch={(value) => setSearch({ q: value || undefined }, true)}
        filters={
          (kind ?? unitId) && (
            <Group gap={4}>
              {kind && chip(kind, { kind: undefined })}
              {unitId &&
                chip(list.rows.find((row) => row.unitId === unitId)?.unitName ?? t('oneUnit'), { unitId: undefined })}
            </Group>
          )
        }
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      >
        <ListTable label={t('title')} list={list} columns={columns} rowKey={({ id }) => id} empty={empty} />
      </ListPage>
      <ArtifactDrawer
        orgId={orgId}
        opened={artifact && unit ? { id: artifact, unitId: unit } : undefined}
        onClose={() => setSearch({ artifact: undefined, unit: undefined })}
      />
    </>
  );
}
