import { Anchor, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import type { OperatorView } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import Plus from 'lucide-react/icons/plus';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { pages, useList } from '../api/pages';
import { createOperator, listOperators } from '../api/platform';
import { EmptyState } from '../frame/EmptyState';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { ServerForm } from '../frame/ServerForm';
import { sortedBy, SortHeader } from '../frame/SortHeader';
import { toast } from '../frame/toast';
import { useColumns } from '../frame/useColumns';
import { useServerForm } from '../frame/useServerForm';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { slugOf } from '../organizations/slug';
import { start } from '../start';

const SORTS = ['name', '-name', 'slug', '-slug', 'createdAt', '-createdAt'] as const;
type Sort = (typeof SORTS)[number];

interface Search {
  q?: string | undefined;
  sort?: Sort | undefined;
  dialog?: 'new' | undefined;
}

const listOf = ({ q, sort }: Pick<Search, 'q' | 'sort'>) =>
  pages(['operators', { q, sort }], (page, signal) =>
    listOperators({ ...page, ...(q && { q }), ...(sort && { sort }) }, signal),
  );

export const Route = createFileRoute('/_in/platform/operators')({
  validateSearch: ({ q, sort, dialog }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...(SORTS.includes(sort as Sort) && { sort: sort as Sort }),
    ...(dialog === 'new' && { dialog }),
  }),
  loader: () => loadTexts('operators'),
  component: Operators,
});

function Operators() {
  const { t } = useTranslation(['operators', 'common']);
  const queries = useQueryClient();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { q, sort = 'name', dialog } = search;
  const column = useColumns(sort);
  const canCreate = useCan()(requires.createOperator);
  const list = useList(listOf(search));
  const open = (next: 'new' | undefined) => void navigate({ search: (before) => ({ ...before, dialog: next }) });
  const columns: Column<OperatorView>[] = [
    // Another operator is another console, with a sign-in of its own.
    column.name({ label: t('name'), field: 'name' }, ({ name, slug }) => (
      <Anchor href={`${start.base}/t/${slug}/`} fw={500} c="var(--mantine-color-text)">
        {name}
      </Anchor>
    )),
    {
      key: 'slug',
      header: <SortHeader label={t('slug')} field="slug" sort={sort} />,
      sorted: sortedBy(sort, 'slug'),
      width: 'minmax(6rem, 1fr)',
      cell: ({ slug }) => slug,
    },
    { key: 'zone', header: t('timeZone'), width: 'minmax(6rem, 1fr)', cell: ({ timeZone }) => timeZone, wide: true },
    column.date('created', { label: t('created'), field: 'createdAt' }, ({ createdAt }) => createdAt),
  ];
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('description')}
        searchLabel={t('search')}
        q={q ?? ''}
        onSearch={(value) =>
          void navigate({ search: (before) => ({ ...before, q: value || undefined }), replace: true })
        }
        actions={
          canCreate && (
            <Button leftSection={<Plus size={16} />} onClick={() => open('new')}>
              {t('new')}
            </Button>
          )
        }
        onCreate={canCreate ? () => open('new') : undefined}
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      >
        <ListTable
          label={t('title')}
          list={list}
          columns={columns}
          rowKey={({ id }) => id}
          empty={<EmptyState title={t('noneTitle')} text={t('noneText')} />}
        />
      </ListPage>
      <Modal
        opened={dialog === 'new' && canCreate}
        onClose={() => open(undefined)}
        title={t('new')}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        <NewOperator
          onCancel={() => open(undefined)}
          onCreated={(name) => {
            toast(t('done', { name }));
            open(undefined);
            void queries.invalidateQueries({ queryKey: ['operators'] });
          }}
        />
      </Modal>
    </>
  );
}

interface Values extends Record<string, unknown> {
  name: string;
  slug: string;
  adminEmail: string;
}

function NewOperator({ onCreated, onCancel }: { onCreated: (name: string) => void; onCancel: () => void }) {
  const { t } = useTranslation(['operators', 'common']);
  const [ownSlug, setOwnSlug] = useState(false);
  const model = useServerForm<Values>({
    mode: 'controlled',
    initialValues: { name: '', slug: '', adminEmail: '' },
    send: async (values) => onCreated((await createOperator(values)).name),
  });
  const { form, sending } = model;
  const labels = { name: t('name'), slug: t('slug'), adminEmail: t('adminEmail') };
  return (
    <ServerForm model={model} labels={labels} guard="dialog">
      <Stack>
        <TextInput
          label={labels.name}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
          onChange={({ currentTarget: { value } }) => {
            form.setFieldValue('name', value);
            if (!ownSlug) form.setFieldValue('slug', slugOf(value));
          }}
        />
        <TextInput
          label={labels.slug}
          description={t('slugText')}
          autoComplete="off"
          {...form.getInputProps('slug')}
          onChange={({ currentTarget: { value } }) => {
            setOwnSlug(value !== '');
            form.setFieldValue('slug', value);
          }}
        />
        <TextInput
          type="email"
          label={labels.adminEmail}
          description={t('adminEmailText')}
          autoComplete="off"
          {...form.getInputProps('adminEmail')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t('common:cancel')}
          </Button>
          <Button type="submit" loading={sending}>
            {t('create')}
          </Button>
        </Group>
      </Stack>
    </ServerForm>
  );
}
