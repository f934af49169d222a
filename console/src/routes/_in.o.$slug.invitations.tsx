import { Anchor, Button, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import {
  type InvitationStatus,
  type InvitationView,
  listInvitations,
  resendInvitation,
  revokeInvitation,
} from '@trellis/client';
import * as requires from '@trellis/client/requires';
import MailPlus from 'lucide-react/icons/mail-plus';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { pages, useList } from '../api/pages';
import { CopyButton } from '../frame/CopyButton';
import { DangerDialog } from '../frame/DangerDialog';
import { EmptyState } from '../frame/EmptyState';
import { ListPage } from '../frame/ListPage';
import { ListTable } from '../frame/ListTable';
import { sortedBy, SortHeader } from '../frame/SortHeader';
import { StatusBadge, type Tone } from '../frame/StatusBadge';
import { Tabs } from '../frame/Tabs';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import type { Column } from '../frame/VirtualTable';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { useRoleName } from '../members/grants';
import { useInvite } from '../members/invite.store';
import { InviteDialog } from '../members/InviteDialog';
import { useActionsColumn } from '../members/RowActions';
import { useRefreshPeople } from '../members/useChangeMember';

const STATUSES = ['pending', 'expired', 'accepted', 'declined', 'revoked'] as const;
const SORTS = ['createdAt', '-createdAt', 'email', '-email', 'expiresAt', '-expiresAt'] as const;
const TONES: Record<InvitationStatus, Tone> = {
  pending: 'neutral',
  expired: 'warning',
  accepted: 'good',
  declined: 'bad',
  revoked: 'bad',
};

interface Search {
  q?: string | undefined;
  /** Pending by default. */
  status?: InvitationStatus | 'all' | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  dialog?: 'invite' | undefined;
}

const invitationsOf = (orgId: string, { q, status = 'pending', sort }: Search) =>
  pages(['invitations', orgId, { q, status, sort }], (page, signal) =>
    listInvitations({
      path: { orgId },
      query: { ...page, ...(q && { q }), ...(status !== 'all' && { status }), ...(sort && { sort }) },
      signal,
    }),
  );

export const Route = createFileRoute('/_in/o/$slug/invitations')({
  validateSearch: ({ q, status, sort, dialog }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...((status === 'all' || STATUSES.includes(status as 'pending')) && { status: status as InvitationStatus | 'all' }),
    ...(SORTS.includes(sort as 'email') && { sort: sort as 'email' }),
    ...(dialog === 'invite' && { dialog }),
  }),
  loaderDeps: ({ search: { q, status, sort } }) => ({ q, status, sort }),
  loader: async ({ context: { queryClient, organization }, deps }) => {
    void queryClient.prefetchInfiniteQuery(invitationsOf(organization.id, deps));
    await loadTexts('invitations', 'membership');
  },
  component: Invitations,
});

function Invitations() {
  const { t } = useTranslation(['invitations', 'membership', 'common']);
  const format = useFormat();
  const roleName = useRoleName();
  const { organization } = Route.useRouteContext();
  const { id: orgId } = organization;
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { q, status = 'pending', sort = '-createdAt', dialog } = search;
  const can = useCanIn(orgId);
  const problemText = useProblemText();
  const refresh = useRefreshPeople(orgId);
  const { running, outcomes } = useInvite(orgId);
  const [revoking, setRevoking] = useState<InvitationView | null>(null);
  const list = useList(invitationsOf(orgId, search));
  const mayInvite = can(requires.createInvitation);
  const setSearch = (change: Search, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const openDialog = () => setSearch({ dialog: 'invite' });

  const resend = useMutation({
    mutationFn: ({ id }: InvitationView) => resendInvitation({ path: { orgId, invitationId: id } }),
    onSuccess: (_, { email }) => toast(t('resent', { email })),
    onError: (error) => toast(problemText(error), { error: true }),
    onSettled: refresh,
  });
  const isOpen = (row: InvitationView) => row.status === 'pending' || row.status === 'expired';

  const actions = useActionsColumn<InvitationView>(
    '9.5rem',
    ({ email }) => email,
    (row) => [
      ...(isOpen(row) && can(requires.resendInvitation)
        ? [
            {
              label: t('resend'),
              run: () => resend.mutate(row),
              busy: resend.isPending && resend.variables.id === row.id,
            },
          ]
        : []),
      ...(isOpen(row) && can(requires.revokeInvitation) ? [{ label: t('revoke'), run: () => setRevoking(row) }] : []),
    ],
  );
  const columns: Column<InvitationView>[] = [
    {
      key: 'email',
      header: <SortHeader label={t('membership:email')} field="email" sort={sort} />,
      sorted: sortedBy(sort, 'email'),
      width: 'minmax(10rem, 2fr)',
      cell: ({ email }) => (
        <Group gap={4} wrap="nowrap">
          <Text inherit fw={500} truncate="end">
            {email}
          </Text>
          <CopyButton value={email} label={email} />
        </Group>
      ),
    },
    {
      key: 'status',
      header: t('status'),
      width: '7rem',
      cell: (row) => <StatusBadge tone={TONES[row.status]}>{t(`state.${row.status}`)}</StatusBadge>,
    },
    {
      key: 'role',
      header: t('membership:roleLabel'),
      width: 'minmax(6rem, 1fr)',
      cell: ({ role, roles }) => [role, ...roles].map((key) => roleName({ key, name: key })).join(', '),
      wide: true,
    },
    {
      key: 'by',
      header: t('invitedBy'),
      width: 'minmax(6rem, 1fr)',
      cell: ({ invitedBy: { name, type } }) => (type === 'api_key' ? t('byKey', { name }) : name),
      wide: true,
    },
    {
      key: 'created',
      header: <SortHeader label={t('created')} field="createdAt" sort={sort} />,
      sorted: sortedBy(sort, 'createdAt'),
      width: '7rem',
      cell: ({ createdAt }) => <span title={format.dateTime(createdAt)}>{format.date(createdAt)}</span>,
      numeric: true,
      wide: true,
    },
    {
      key: 'expires',
      header: <SortHeader label={t('until')} field="expiresAt" sort={sort} />,
      sorted: sortedBy(sort, 'expiresAt'),
      width: '7rem',
      cell: (row) => (isOpen(row) ? format.ago(row.expiresAt) : format.date(row.decidedAt ?? row.expiresAt)),
      numeric: true,
      wide: true,
    },
    ...(can(requires.resendInvitation) || can(requires.revokeInvitation) ? [actions] : []),
  ];

  const empty =
    q || status !== 'pending' ? (
      <EmptyState
        title={t('noneTitle')}
        text={t('noneText')}
        action={
          <Button variant="default" onClick={() => setSearch({ q: undefined, status: 'all' })}>
            {t('showAll')}
          </Button>
        }
      />
    ) : (
      <EmptyState
        icon={<MailPlus size={20} />}
        title={t('emptyTitle')}
        text={t('emptyText')}
        action={mayInvite && <Button onClick={openDialog}>{t('membership:invite')}</Button>}
      />
    );
  return (
    <>
      <ListPage
        title={t('title')}
        description={
          outcomes && dialog === undefined ? (
            <>
              {running
                ? t('progress', {
                    done: outcomes.filter(({ state }) => state !== 'waiting').length,
                    count: outcomes.length,
                  })
                : t('finished')}{' '}
              <Anchor component="button" type="button" size="sm" onClick={openDialog}>
                {t('showOutcomes')}
              </Anchor>
            </>
          ) : undefined
        }
        searchLabel={t('search')}
        q={q ?? ''}
        onSearch={(value) => setSearch({ q: value || undefined }, true)}
        onCreate={mayInvite ? openDialog : undefined}
        actions={mayInvite && <Button onClick={openDialog}>{t('membership:invite')}</Button>}
        filters={
          <Tabs
            label={t('status')}
            tabs={[
              ...STATUSES.map((value) => ({ value, label: t(`state.${value}`) })),
              { value: 'all' as const, label: t('all') },
            ]}
            active={status}
            search={(before: Search, value) => ({ ...before, status: value === 'pending' ? undefined : value })}
          />
        }
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      >
        <ListTable label={t('title')} list={list} columns={columns} rowKey={({ id }) => id} empty={empty} />
      </ListPage>
      {mayInvite && (
        <InviteDialog orgId={orgId} opened={dialog === 'invite'} onClose={() => setSearch({ dialog: undefined })} />
      )}
      {revoking && (
        <DangerDialog
          opened
          onClose={() => setRevoking(null)}
          title={t('revokeTitle', { email: revoking.email })}
          verb={t('revoke')}
          act={async () => {
            await revokeInvitation({ path: { orgId, invitationId: revoking.id } });
            toast(t('revokedToast', { email: revoking.email }));
            await refresh();
          }}
        >
          <Text size="sm">{t('revokeText')}</Text>
        </DangerDialog>
      )}
    </>
  );
}
