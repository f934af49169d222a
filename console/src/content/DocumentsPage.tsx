import { Button, Drawer, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ContentListItemView } from '@trellis/client';
import FileText from 'lucide-react/icons/file-text';
import { useTranslation } from 'react-i18next';
import { useList } from '../api/pages';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { sortedBy, SortHeader } from '../frame/SortHeader';
import { StatusBadge } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import { toast } from '../frame/toast';
import type { Column } from '../frame/VirtualTable';
import { useFormat } from '../i18n/useFormat';
import { DocumentForm } from './DocumentForm';
import { type DocumentLevel, type DocumentSearch, STATE_TONES, STATES } from './level';

interface Props {
  level: DocumentLevel;
  search: DocumentSearch;
  setSearch: (next: DocumentSearch, replace?: boolean) => void;
  mayEdit: boolean;
}

/** Lists the templates or the content items of the operator. */
export function DocumentsPage({ level, search, setSearch, mayEdit }: Props) {
  const { t } = useTranslation(['documents', 'common']);
  const format = useFormat();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { kind, to } = level;
  const { q, state, sort = 'title', dialog } = search;
  const list = useList(level.list(search));
  const create = () => setSearch({ dialog: 'new' });
  const newDocument = mayEdit && <Button onClick={create}>{t(`new.${kind}`)}</Button>;

  const columns: Column<ContentListItemView>[] = [
    {
      key: 'title',
      header: <SortHeader label={t('documentTitle')} field="title" sort={sort} />,
      sorted: sortedBy(sort, 'title'),
      width: 'minmax(8rem, 3fr)',
      cell: ({ id, title }) => (
        <RouteAnchor to={`${to}/$id`} params={{ id }} fw={500} c="var(--mantine-color-text)" dir="auto">
          {title}
        </RouteAnchor>
      ),
    },
    { key: 'key', header: t('key'), width: 'minmax(6rem, 1.5fr)', cell: ({ key }) => key, wide: true },
    {
      key: 'state',
      header: t('state'),
      width: '7.5rem',
      cell: (row) => <StatusBadge tone={STATE_TONES[row.state]}>{t(`states.${row.state}`)}</StatusBadge>,
    },
    {
      key: 'version',
      header: t('version'),
      width: '5.5rem',
      cell: ({ version }) => format.number(version),
      numeric: true,
      wide: true,
    },
    {
      key: 'audience',
      header: t('audience'),
      width: '8.5rem',
      cell: ({ audienceMode }) => t(`audiences.${audienceMode}`),
      wide: true,
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
  ];
  const empty =
    q || state ? (
      <EmptyState title={t('noneTitle')} text={t('noneText')} />
    ) : (
      <EmptyState
        icon={<FileText size={20} />}
        title={t(`emptyTitle.${kind}`)}
        text={t(`emptyText.${kind}`)}
        action={newDocument}
      />
    );
  const tabs = [
    { value: 'all' as const, label: t('all') },
    ...STATES.map((value) => ({ value, label: t(`states.${value}`) })),
  ];
  return (
    <>
      <ListPage
        title={t(`pageTitle.${kind}`)}
        description={t(`pageDescription.${kind}`)}
        searchLabel={t(`search.${kind}`)}
        q={q ?? ''}
        onSearch={(value) => setSearch({ q: value || undefined }, true)}
        onCreate={mayEdit ? create : undefined}
        actions={newDocument}
        filters={
          <Tabs
            label={t('state')}
            tabs={tabs}
            active={state ?? 'all'}
            search={(before: DocumentSearch, value) => ({ ...before, state: value === 'all' ? undefined : value })}
          />
        }
        count={list.total === undefined ? undefined : t(`count.${kind}`, { count: list.total })}
      >
        <ListTable label={t(`pageTitle.${kind}`)} list={list} columns={columns} rowKey={({ id }) => id} empty={empty} />
      </ListPage>
      <Drawer
        opened={mayEdit && dialog === 'new'}
        onClose={() => setSearch({ dialog: undefined })}
        position="right"
        size="xl"
        title={
          <Text component="span" fz="lg" fw={600}>
            {t(`new.${kind}`)}
          </Text>
        }
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        <DocumentForm
          send={async (body) => {
            const created = await level.create(body);
            toast(t('created', { title: created.title }));
            await queries.invalidateQueries({ queryKey: level.key });
            await navigate({ to: `${to}/$id`, params: { id: created.id }, ignoreBlocker: true });
            return created;
          }}
        />
      </Drawer>
    </>
  );
}
