import { Button, Code, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { type ApiKeyStatus, type ApiKeyView, listApiKeys, revokeApiKey } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import Terminal from 'lucide-react/icons/terminal';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { pages, useList } from '../api/pages';
import { CreateApiKey } from '../api-keys/CreateApiKey';
import { DangerDialog } from '../frame/DangerDialog';
import { EmptyState } from '../frame/EmptyState';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { sortedBy, SortHeader } from '../frame/SortHeader';
import { StatusBadge, type Tone } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import { toast } from '../frame/toast';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { useActionsColumn } from '../members/RowActions';

const STATUSES = ['active', 'expired', 'revoked'] as const satisfies readonly ApiKeyStatus[];
const SORTS = ['name', '-name', 'createdAt', '-createdAt'] as const;
const TONES: Record<ApiKeyStatus, Tone> = { active: 'good', expired: 'warning', revoked: 'bad' };

interface Search {
  q?: string | undefined;
  /** Active by default. */
  status?: ApiKeyStatus | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  dialog?: 'new' | undefined;
}

const keysOf = (orgId: string, { q, status = 'active', sort = '-createdAt' }: Search) =>
  pages(['api-keys', orgId, { q, status, sort }], (page, signal) =>
    listApiKeys({ path: { orgId }, query: { ...page, sort, status, ...(q && { q }) }, signal }),
  );

export const Route = createFileRoute('/_in/o/$slug/api-keys')({
  validateSearch: ({ q, status, sort, dialog }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...(STATUSES.includes(status as 'active') && { status: status as ApiKeyStatus }),
    ...(SORTS.includes(sort as 'name') && { sort: sort as 'name' }),
    ...(dialog === 'new' && { dialog }),
  }),
  loaderDeps: ({ search: { q, status, sort } }) => ({ q, status, sort }),
  loader: async ({ context: { queryClient, organization }, deps }) => {
    void queryClient.prefetchInfiniteQuery(keysOf(organization.id, deps));
    await loadTexts('apiKeys', 'membership', 'roles', 'permissions');
  },
  component: ApiKeys,
});

function ApiKeys() {
  const { t } = useTranslation(['apiKeys', 'common']);
  const format = useFormat();
  const queries = useQueryClient();
  const { organization } = Route.useRouteContext();
  const { id: orgId } = organization;
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { q, status = 'active', sort = '-createdAt', dialog } = search;
  const can = useCanIn(orgId);
  const [revoking, setRevoking] = useState<ApiKeyView | null>(null);
  const list = useList(keysOf(orgId, search));
  const mayCreate = can(requires.createApiKey);
  const setSearch = (next: Search, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace });
  const create = () => setSearch({ dialog: 'new' });

  const actions = useActionsColumn<ApiKeyView>(
    '5.5rem',
    ({ name }) => name,
    (row) => (row.status === 'active' ? [{ label: t('revoke'), run: () => setRevoking(row) }] : []),
  );
  const columns: Column<ApiKeyView>[] = [
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
    ...(can(requires.revokeApiKey) ? [actions] : []),
  ];

  const empty =
    q || status !== 'active' ? (
      <EmptyState title={t('noneTitle')} text={t('noneText')} />
    ) : (
      <EmptyState
        icon={<Terminal size={20} />}
        title={t('emptyTitle')}
        text={t('emptyText')}
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
            search={(before: Search, value) => ({ ...before, status: value === 'active' ? undefined : value })}
          />
        }
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      >
        <ListTable label={t('title')} list={list} columns={columns} rowKey={({ id }) => id} empty={empty} />
      </ListPage>
      {mayCreate && (
        <CreateApiKey orgId={orgId} opened={dialog === 'new'} onClose={() => setSearch({ dialog: undefined })} />
      )}
      {revoking && (
        <DangerDialog
          opened
          onClose={() => setRevoking(null)}
          title={t('revokeTitle', { name: revoking.name })}
          verb={t('revoke')}
          act={async () => {
            await revokeApiKey({ path: { orgId, apiKeyId: revoking.id } });
            toast(t('revoked', { name: revoking.name }));
            await queries.invalidateQueries({ queryKey: ['api-keys', orgId] });
          }}
        >
          <Text size="sm">{t('revokeText')}</Text>
        </DangerDialog>
      )}
    </>
  );
}
