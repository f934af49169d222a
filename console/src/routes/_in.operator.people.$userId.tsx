import { Button, Menu, SimpleGrid, Stack, Table, Text, Textarea } from '@mantine/core';
import { queryOptions, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import {
  blockUser,
  endUserSessions,
  eraseUser,
  getUser,
  listUserSessions,
  resetFactors,
  unblockUser,
  type UserDetailView,
} from '@trellis/client';
import * as requires from '@trellis/client/requires';
import ChevronDown from 'lucide-react/icons/chevron-down';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount, useCan } from '../api/access';
import { Card, FigureCard } from '../frame/Card';
import { CopyButton } from '../frame/CopyButton';
import { DangerDialog } from '../frame/DangerDialog';
import { RouteAnchor } from '../frame/links';
import { PageHeader } from '../frame/PageHeader';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { USER_TONES } from '../people/status';

const DIALOGS = ['block', 'signOut', 'resetFactors', 'erase'] as const;
type Dialog = (typeof DIALOGS)[number];

const SESSIONS_SHOWN = 25;

const userQuery = (userId: string) =>
  queryOptions({
    queryKey: ['person', userId],
    queryFn: async ({ signal }) => (await getUser({ path: { userId }, signal })).data,
  });

const sessionsQuery = (userId: string) =>
  queryOptions({
    queryKey: ['person', userId, 'sessions'],
    queryFn: async ({ signal }) =>
      (await listUserSessions({ path: { userId }, query: { limit: SESSIONS_SHOWN }, signal })).data.items,
  });

export const Route = createFileRoute('/_in/operator/people/$userId')({
  validateSearch: ({ dialog }: Record<string, unknown>): { dialog?: Dialog | undefined } =>
    DIALOGS.includes(dialog as Dialog) ? { dialog: dialog as Dialog } : {},
  loader: async ({ context: { queryClient }, params: { userId } }) => {
    await Promise.all([
      queryClient.ensureQueryData(userQuery(userId)),
      queryClient.ensureQueryData(sessionsQuery(userId)),
      loadTexts('people'),
    ]);
  },
  component: Person,
});

function Person() {
  const { t } = useTranslation(['people', 'common']);
  const format = useFormat();
  const { userId } = Route.useParams();
  const { data: user } = useSuspenseQuery(userQuery(userId));
  const never = t('never');
  return (
    <>
      <PageHeader
        title={user.name || user.email}
        aside={<StatusBadge tone={USER_TONES[user.status]}>{t(`statuses.${user.status}`)}</StatusBadge>}
        description={
          <>
            {user.email} <CopyButton value={user.email} label={t('email')} />
          </>
        }
        actions={<Actions user={user} />}
      />
      <Stack gap="md">
        <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
          <FigureCard
            label={t('lastSignIn')}
            value={user.lastSignInAt ? format.ago(user.lastSignInAt) : never}
            note={user.createdAt && t('since', { date: format.date(user.createdAt) })}
          />
          <FigureCard
            label={t('organizations')}
            value={format.number(user.membershipCount)}
            note={user.operatorRole ? t(`staff.${user.operatorRole}`) : undefined}
          />
          <FigureCard
            label={t('factors')}
            value={format.number(user.factors.length)}
            note={user.factors.map(({ kind }) => t(`factor.${kind}`)).join(', ') || t('noFactors')}
          />
          <FigureCard
            label={t('sessions')}
            value={format.number(user.liveSessions)}
            note={user.emailVerifiedAt ? t('verified', { date: format.date(user.emailVerifiedAt) }) : t('notVerified')}
          />
        </SimpleGrid>
        <Memberships user={user} />
        <Factors user={user} />
        <Sessions userId={userId} />
      </Stack>
    </>
  );
}

function Memberships({ user: { memberships, membershipCount } }: { user: UserDetailView }) {
  const { t } = useTranslation(['people', 'common']);
  const format = useFormat();
  return (
    <Card title={t('memberships')}>
      {memberships.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('noMemberships')}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={420}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('organization')}</Table.Th>
                <Table.Th>{t('role')}</Table.Th>
                <Table.Th>{t('status')}</Table.Th>
                <Table.Th ta="right">{t('joined')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {memberships.map(({ id, name, slug, role, status, joinedAt }) => (
                <Table.Tr key={id}>
                  <Table.Td>
                    <RouteAnchor to="/o/$slug" params={{ slug }} size="sm">
                      {name}
                    </RouteAnchor>
                  </Table.Td>
                  <Table.Td>{t(`roles.${role}`)}</Table.Td>
                  <Table.Td>{t(`common:status.${status}`)}</Table.Td>
                  <Table.Td ta="right" className="tabular">
                    {format.date(joinedAt)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {membershipCount > memberships.length && (
        <Text size="xs" c="dimmed" mt="xs">
          {t('moreMemberships', { count: membershipCount - memberships.length })}
        </Text>
      )}
    </Card>
  );
}

function Factors({ user: { factors } }: { user: UserDetailView }) {
  const { t } = useTranslation('people');
  const format = useFormat();
  if (factors.length === 0) return null;
  return (
    <Card title={t('factors')}>
      <Table>
        <Table.Tbody>
          {factors.map(({ kind, count, lastUsedAt }) => (
            <Table.Tr key={kind}>
              <Table.Td>{t(`factor.${kind}`)}</Table.Td>
              <Table.Td className="tabular">{count > 1 ? format.number(count) : ''}</Table.Td>
              <Table.Td ta="right">
                <Text size="sm" c="dimmed">
                  {lastUsedAt ? t('lastUsed', { when: format.ago(lastUsedAt) }) : t('notUsed')}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Sessions({ userId }: { userId: string }) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const { data: sessions } = useSuspenseQuery(sessionsQuery(userId));
  if (sessions.length === 0) return null;
  return (
    <Card title={t('sessions')}>
      <Table.ScrollContainer minWidth={420}>
        <Table>
          <Table.Tbody>
            {sessions.map(({ id, device, ip, createdAt, lastUsedAt }) => (
              <Table.Tr key={id}>
                <Table.Td>{device ?? t('unknownDevice')}</Table.Td>
                <Table.Td className="tabular">{ip}</Table.Td>
                <Table.Td>
                  <Text size="sm" c="dimmed">
                    {t('signedIn', { date: format.dateTime(createdAt) })}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  <Text size="sm" c="dimmed">
                    {t('lastUsed', { when: format.ago(lastUsedAt) })}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

function Actions({ user }: { user: UserDetailView }) {
  const { t } = useTranslation(['people', 'common']);
  const textOf = useProblemText();
  const queries = useQueryClient();
  const navigate = Route.useNavigate();
  const { dialog } = Route.useSearch();
  const can = useCan();
  const [reason, setReason] = useState('');
  const me = useAccount()?.id === user.id;
  const open = (next: Dialog | undefined) => void navigate({ search: { dialog: next } });
  const erased = useRef(false);
  const close = async () => {
    if (!erased.current) {
      open(undefined);
      return;
    }
    await navigate({ to: '/operator/people', search: {}, replace: true });
    // Back leads to the page of the account, which is gone.
    queries.removeQueries({ queryKey: ['person', userId] });
  };
  const { id: userId, email } = user;
  const name = user.name || email;
  const blocked = user.status === 'blocked';

  const refresh = async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['person', userId] }),
      queries.invalidateQueries({ queryKey: ['people'] }),
    ]);
  };
  const unblock = async () => {
    try {
      await unblockUser({ path: { userId } });
    } catch (error) {
      return toast(textOf(error), { error: true });
    }
    await refresh();
    toast(t('done.unblock', { name }));
  };
  const acts: Record<Dialog, () => Promise<unknown>> = {
    block: async () => {
      await blockUser({ path: { userId }, body: { reason: reason.trim() } });
      setReason('');
    },
    signOut: () => endUserSessions({ path: { userId } }),
    resetFactors: () => resetFactors({ path: { userId } }),
    erase: () => eraseUser({ path: { userId }, query: { confirmEmail: email } }),
  };
  const allowed: Record<Dialog, boolean> = {
    block: can(requires.blockUser) && !blocked,
    signOut: can(requires.endUserSessions) && user.liveSessions > 0,
    resetFactors: can(requires.resetFactors),
    erase: can(requires.eraseUser),
  };
  const act = (which: Dialog) => async () => {
    await acts[which]();
    erased.current = which === 'erase';
    toast(t(`done.${which}`, { name }));
    if (which === 'erase') await queries.invalidateQueries({ queryKey: ['people'] });
    else await refresh();
  };
  const shown = DIALOGS.filter((which) => allowed[which]);
  if (me)
    return (
      <Text size="sm" c="dimmed">
        {t('yourself')}
      </Text>
    );
  if (shown.length === 0 && !blocked) return null;
  return (
    <>
      {blocked && can(requires.unblockUser) && (
        <Button variant="default" onClick={() => void unblock()}>
          {t('unblock')}
        </Button>
      )}
      {shown.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" rightSection={<ChevronDown size={14} />}>
              {t('actions')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {shown.map((which) => (
              <Menu.Item key={which} {...(which === 'erase' && { c: 'var(--app-danger)' })} onClick={() => open(which)}>
                {t(`verb.${which}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {DIALOGS.map((which) => (
        <DangerDialog
          key={which}
          opened={dialog === which && allowed[which]}
          onClose={() => void close()}
          title={t(`ask.${which}`, { name })}
          verb={t(`verb.${which}`)}
          {...(which === 'erase' && { confirmName: email })}
          act={act(which)}
        >
          <Text size="sm">{t(`effect.${which}`)}</Text>
          {which === 'block' && (
            <Textarea
              label={t('reason')}
              description={t('reasonText')}
              autosize
              minRows={2}
              maxLength={500}
              required
              value={reason}
              onChange={({ currentTarget }) => setReason(currentTarget.value)}
            />
          )}
        </DangerDialog>
      ))}
    </>
  );
}
