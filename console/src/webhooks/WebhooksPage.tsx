import { Button, Drawer, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { WebhookView } from '@trellis/client';
import Webhook from 'lucide-react/icons/webhook';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useList } from '../api/pages';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListTable } from '../frame/ListTable';
import { PageHeader } from '../frame/PageHeader';
import { useShortcut } from '../frame/shortcuts';
import { toast } from '../frame/toast';
import type { Column } from '../frame/VirtualTable';
import { useFormat } from '../i18n/useFormat';
import type { WebhookLevel, WebhookSearch } from './level';
import { SecretShown } from './SecretShown';
import { WebhookDrawer } from './WebhookDrawer';
import { WebhookForm } from './WebhookForm';
import { WebhookStatus } from './WebhookStatus';

interface Props {
  level: WebhookLevel;
  description: string;
  search: WebhookSearch;
  setSearch: (next: WebhookSearch) => void;
  mayEdit: boolean;
}

/** Webhooks of an organization or of the operator. */
export function WebhooksPage({ level, description, search, setSearch, mayEdit }: Props) {
  const { t } = useTranslation(['webhooks', 'common']);
  const format = useFormat();
  const queries = useQueryClient();
  const list = useList(level.list);
  const [secret, setSecret] = useState<string>();
  const { webhook: open, dialog } = search;
  const listed = list.rows.find(({ id }) => id === open);
  const linked = useQuery({
    queryKey: [...level.key, 'one', open],
    queryFn: ({ signal }) => level.get(open ?? '', signal),
    enabled: open !== undefined && !listed && !list.query.isPending,
  });
  const create = () => setSearch({ dialog: 'new' });
  useShortcut('n', mayEdit ? create : undefined);
  const close = () => {
    setSecret(undefined);
    setSearch({});
  };
  const columns: Column<WebhookView>[] = [
    {
      key: 'url',
      header: t('url'),
      width: 'minmax(10rem, 3fr)',
      cell: ({ id, url, description: text }) => (
        <RouteAnchor to="." search={{ webhook: id } as never} fw={500} c="var(--mantine-color-text)" title={url}>
          {text ?? url}
        </RouteAnchor>
      ),
    },
    {
      key: 'types',
      header: t('eventTypes'),
      width: 'minmax(8rem, 2fr)',
      cell: ({ eventTypes }) => (
        <Text inherit c="dimmed" truncate="end" title={eventTypes.join(', ')}>
          {eventTypes.includes('*') ? t('allTypes') : eventTypes.join(', ')}
        </Text>
      ),
      wide: true,
    },
    { key: 'status', header: t('status'), width: '8rem', cell: (row) => <WebhookStatus webhook={row} /> },
    {
      key: 'created',
      header: t('createdAt'),
      width: '7.5rem',
      cell: ({ createdAt }) => format.date(createdAt),
      numeric: true,
      wide: true,
    },
  ];
  const newWebhook = mayEdit && <Button onClick={create}>{t('new')}</Button>;
  return (
    <>
      <PageHeader title={t('title')} description={description} actions={newWebhook} />
      <ListTable
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <EmptyState icon={<Webhook size={20} />} title={t('emptyTitle')} text={t('emptyText')} action={newWebhook} />
        }
      />
      <Drawer
        opened={mayEdit && dialog === 'new' && open === undefined}
        onClose={close}
        position="right"
        size="lg"
        // The secret is gone once this closes, so a stray click does not do it.
        closeOnClickOutside={secret === undefined}
        title={
          <Text component="span" fz="lg" fw={600}>
            {t('new')}
          </Text>
        }
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {secret ? (
          <SecretShown secret={secret} onClose={close} />
        ) : (
          <WebhookForm
            send={async (body) => {
              const created = await level.create(body);
              setSecret(created.secret);
              toast(t('created'));
              await queries.invalidateQueries({ queryKey: level.key });
            }}
          />
        )}
      </Drawer>
      <WebhookDrawer
        level={level}
        webhook={listed ?? linked.data}
        error={linked.error}
        search={search}
        setSearch={setSearch}
        mayEdit={mayEdit}
      />
    </>
  );
}
