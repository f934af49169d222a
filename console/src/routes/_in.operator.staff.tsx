import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { addStaff, changeStaffRole, listStaff, type MemberView, removeStaff, type Role } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import Plus from 'lucide-react/icons/plus';
import { useTranslation } from 'react-i18next';
import { useAccount, useCan } from '../api/access';
import { pages, useList } from '../api/pages';
import { DangerDialog } from '../frame/DangerDialog';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { ServerForm } from '../frame/ServerForm';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { useColumns } from '../frame/useColumns';
import { useProblemText } from '../frame/useProblemText';
import { useServerForm } from '../frame/useServerForm';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { USER_TONES } from '../people/status';

const ROLES: readonly Role[] = ['user', 'manager', 'admin'];

interface Search {
  q?: string | undefined;
  /** `add`, or the id of a member to remove. */
  dialog?: string | undefined;
}

const listOf = (q: string | undefined) =>
  pages(['staff', { q }], (page, signal) => listStaff({ query: { ...page, ...(q && { q }) }, signal }));

export const Route = createFileRoute('/_in/operator/staff')({
  validateSearch: ({ q, dialog }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...(typeof dialog === 'string' && dialog && { dialog }),
  }),
  loaderDeps: ({ search: { q } }) => ({ q }),
  loader: async ({ context, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(listOf(deps.q));
    await loadTexts('staff', 'people');
  },
  component: Staff,
});

function Staff() {
  const { t } = useTranslation(['staff', 'people', 'common']);
  const column = useColumns();
  const textOf = useProblemText();
  const queries = useQueryClient();
  const navigate = Route.useNavigate();
  const { q, dialog } = Route.useSearch();
  const can = useCan();
  const me = useAccount()?.id;
  const list = useList(listOf(q));
  const open = (next: string | undefined) => void navigate({ search: (before) => ({ ...before, dialog: next }) });
  const refresh = () => queries.invalidateQueries({ queryKey: ['staff'] });
  const leaving = list.rows.find(({ userId }) => userId === dialog);

  const change = async ({ userId, name, version }: MemberView, role: Role) => {
    try {
      await changeStaffRole({ path: { userId }, body: { role }, headers: { 'If-Match': `"${version}"` } });
      toast(t('changed', { name }));
    } catch (error) {
      toast(textOf(error), { error: true });
    }
    await refresh();
  };

  const columns: Column<MemberView>[] = [
    column.name({ label: t('people:name') }, ({ userId, name, email }) => (
      <RouteAnchor to="/operator/people/$userId" params={{ userId }} fw={500} c="var(--mantine-color-text)" dir="auto">
        {name || email}
      </RouteAnchor>
    )),
    column.email({ label: t('people:email') }),
    {
      key: 'status',
      header: t('people:status'),
      width: '8rem',
      cell: ({ status }) => <StatusBadge tone={USER_TONES[status]}>{t(`people:statuses.${status}`)}</StatusBadge>,
      wide: true,
    },
    {
      key: 'role',
      header: t('people:role'),
      width: '8.5rem',
      cell: (member) =>
        can(requires.changeStaffRole) && member.userId !== me ? (
          <NativeSelect
            size="xs"
            aria-label={t('roleOf', { name: member.name })}
            data={ROLES.map((value) => ({ value, label: t(`people:roles.${value}`) }))}
            value={member.role}
            onChange={({ currentTarget }) => void change(member, currentTarget.value as Role)}
          />
        ) : (
          t(`people:roles.${member.role}`)
        ),
    },
    column.date('joined', { label: t('people:joined') }, ({ joinedAt }) => joinedAt),
  ];
  if (can(requires.removeStaff))
    columns.push({
      key: 'remove',
      header: '',
      width: '6.5rem',
      numeric: true,
      cell: ({ userId, name }) =>
        userId !== me && (
          <Button variant="default" size="compact-sm" aria-label={t('removeOf', { name })} onClick={() => open(userId)}>
            {t('remove')}
          </Button>
        ),
    });

  const canAdd = can(requires.addStaff);
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
          canAdd && (
            <Button leftSection={<Plus size={16} />} onClick={() => open('add')}>
              {t('add')}
            </Button>
          )
        }
        onCreate={canAdd ? () => open('add') : undefined}
        count={list.total === undefined ? undefined : t('people:count', { count: list.total })}
      >
        <ListTable
          label={t('title')}
          list={list}
          columns={columns}
          rowKey={({ userId }) => userId}
          empty={<EmptyState title={t('people:noneTitle')} text={t('noneText')} />}
        />
      </ListPage>
      <Modal
        opened={dialog === 'add' && canAdd}
        onClose={() => open(undefined)}
        title={t('add')}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        <AddForm
          onCancel={() => open(undefined)}
          onAdded={(name) => {
            toast(t('added', { name }));
            open(undefined);
            void refresh();
          }}
        />
      </Modal>
      <DangerDialog
        opened={leaving !== undefined && can(requires.removeStaff)}
        onClose={() => open(undefined)}
        title={t('removeAsk', { name: leaving?.name ?? '' })}
        verb={t('remove')}
        act={async () => {
          if (!leaving) return;
          await removeStaff({ path: { userId: leaving.userId } });
          await refresh();
          toast(t('removed', { name: leaving.name }));
        }}
      >
        <Text size="sm">{t('removeText')}</Text>
      </DangerDialog>
    </>
  );
}

interface Values extends Record<string, unknown> {
  email: string;
  role: Role;
}

function AddForm({ onAdded, onCancel }: { onAdded: (name: string) => void; onCancel: () => void }) {
  const { t } = useTranslation(['staff', 'people', 'common']);
  const model = useServerForm<Values>({
    mode: 'controlled',
    initialValues: { email: '', role: 'user' },
    send: async (values) => {
      const { data } = await addStaff({ body: values });
      onAdded(data.name || data.email);
    },
  });
  const { form, sending } = model;
  const labels = { email: t('people:email'), role: t('people:role') };
  return (
    <ServerForm model={model} labels={labels} guard="dialog">
      <Stack>
        <TextInput
          type="email"
          label={labels.email}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('email')}
        />
        <NativeSelect
          label={labels.role}
          description={t('roleText')}
          data={ROLES.map((value) => ({ value, label: t(`people:roles.${value}`) }))}
          {...form.getInputProps('role')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t('common:cancel')}
          </Button>
          <Button type="submit" loading={sending}>
            {t('add')}
          </Button>
        </Group>
      </Stack>
    </ServerForm>
  );
}
