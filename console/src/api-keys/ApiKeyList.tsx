import { Button, Code, Text } from '@mantine/core';
import type { QueryKey } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import type { ApiKeyStatus, ApiKeyView, OperatorApiKeyView } from '@trellis/client';
import Terminal from 'lucide-react/icons/terminal';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { useList } from '../api/pages';
import { DangerDialog } from '../frame/DangerDialog';
import { EmptyState } from '../frame/EmptyState';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { sortedBy, SortHeader } from '../frame/SortHeader';
import { StatusBadge, type Tone } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import { toast } from '../frame/toast';
import type { Column } from '../frame/VirtualTable';
import { useFormat } from '../i18n/useFormat';
import { useActionsColumn } from '../members/RowActions';
import { type CreatedKey, NewKeyDrawer } from './NewKeyDrawer';
import { type ApiKeySearch, STATUSES } from './search';

const TONES: Record<ApiKeyStatus, Tone> = { active: 'good', expired: 'warning', revoked: 'bad' };

type Key = ApiKeyView | OperatorApiKeyView;

interface Props<T extends Key> {
  list: ReturnType<typeof useList<T>>;
  search: ApiKeySearch;
  setSearch: (next: ApiKeySearch, replace?: boolean) => void;
  emptyText: string;
  mayCreate: boolean;
  form: (onCreated: (key: CreatedKey) => void) => ReactNode;
  mayRevoke: boolean;
  revoke: (key: T) => Promise<unknown>;
  /** What changes when a key is revoked. */
  queryKey: QueryKey;
}

/** Lists API keys of an organization or of the operator, creates and revokes them. */
export function ApiKeyList<T extends Key>({
  list,
  search,
  setSearch,
  emptyText,
  mayCreate,
  form,
  mayRevoke,
  revoke,
  queryKey,
}: Props<T>) {
  const { t } = useTranslation(['apiKeys', 'common']);
  const format = useFormat();
  const queries = useQueryClient();
  const { q, status = 'active', sort = '-createdAt', dialog } = search;
  const [revoking, setRevoking] = useState<T | null>(null);
  const create = () => setSearch({ dialog: 'new' });

  const actions = useActionsColumn<T>(
    '5.5rem',
    ({ name }) => name,
    (row) => (row.status === 'active' ? [{ label: t('revoke'), run: () => setRevoking(row) }] : []),
  );
  const columns: Column<T>[] = [
    {
      key: 'name',
      header: <SortHeader label={t('name')} field="name" sort={sort} />,
      sorted: sortedBy(sort, 'name'),
      width: 'minmax(8rem, 2fr)',
      cell: ({ name }) => (
        <Text inherit fw={500} truncate="end">
          {name}
        </Text>
      ),
    },
    { key: 'hint', header: t('key'), width: 'minmax(6rem, 1fr)', cell: ({ hint }) => <Code>{hint}…</Code>, wide: true },
    {
      key: 'status',
      header: t('status'),
      width: '6.5rem',
      cell: (row) => <StatusBadge tone={TONES[row.status]}>{t(`statuses.${row.status}`)}</StatusBadge>,
    },
    {
      key: 'permissions',
      header: t('permissions'),
      width: 'minmax(6rem, 2fr)',
      cell: ({ permissions }) => (
        <Text inherit c="dimmed" truncate="end" title={permissions.join(', ')}>
          {permissions.join(', ')}
        </Text>
      ),
      wide: true,
    },
    {
      key: 'by',
      header: t('createdBy'),
      width: 'minmax(6rem, 1fr)',
      cell: ({ createdBy }) => createdBy.name,
      wide: true,
    },
    {
      key: 'used',
      header: t('lastUsed'),
      width: '7rem',
      cell: ({ lastUsedAt }) => (lastUsedAt ? format.ago(lastUsedAt) : t('never')),
      numeric: true,
      wide: true,
    },
    {
      key: 'expires',
      header: t('expires'),
      width: '7rem',
      cell: ({ expiresAt }) => (expiresAt ? format.date(expiresAt) : t('never')),
      numeric: true,
      wide: true,
    },
    ...(mayRevoke ? [actions] : []),
  ];

  const empty =
    q || status !== 'active' ? (
      <EmptyState title={t('noneTitle')} text={t('noneText')} />
    ) : (
      <EmptyState
        icon={<Terminal size={20} />}
        title={t('emptyTitle')}
        text={emptyText}
        action={mayCreate && <Button onClick={create}>{t('new')}</Button>}
      />
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
            tabs={STATUSES.map((value) => ({ value, label: t(`statuses.${value}`) }))}
            active={status}
            search={(before: ApiKeySearch, value) => ({ ...before, status: value === 'active' ? undefined : value })}
          />
        }
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      >
        <ListTable label={t('title')} list={list} columns={columns} rowKey={({ id }) => id} empty={empty} />
      </ListPage>
      {mayCreate && (
        <NewKeyDrawer opened={dialog === 'new'} onClose={() => setSearch({ dialog: undefined })} form={form} />
      )}
      {revoking && (
        <DangerDialog
          opened
          onClose={() => setRevoking(null)}
          title={t('revokeTitle', { name: revoking.name })}
          verb={t('revoke')}
          act={async () => {
            await revoke(revoking);
            toast(t('revoked', { name: revoking.name }));
            await queries.invalidateQueries({ queryKey });
          }}
        >
          <Text size="sm">{t('revokeText')}</Text>
        </DangerDialog>
      )}
    </>
  );
}
