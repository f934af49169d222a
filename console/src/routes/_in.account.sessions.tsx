import { Button, Skeleton, Text } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { endSession, endSessions, listSessions, type SessionView } from '@trellis/client';
import Monitor from 'lucide-react/icons/monitor';
import Smartphone from 'lucide-react/icons/smartphone';
import { useTranslation } from 'react-i18next';
import { AccountPage } from '../account/AccountPage';
import { Row, Rows } from '../account/Row';
import { pages } from '../api/pages';
import { session } from '../api/session';
import { Card } from '../frame/Card';
import { DangerDialog } from '../frame/DangerDialog';
import { ProblemAlert } from '../frame/Problem';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { useStep } from '../sign-in/useStep';

const sessions = pages(['sessions'], (page, signal) => listSessions({ query: page, signal }));

export const Route = createFileRoute('/_in/account/sessions')({
  validateSearch: ({ dialog }: Record<string, unknown>): { dialog?: 'everywhere' } =>
    dialog === 'everywhere' ? { dialog } : {},
  loader: async ({ context }) => {
    void context.queryClient.prefetchInfiniteQuery(sessions);
    await loadTexts('account');
  },
  component: Sessions,
});

function Sessions() {
  const { t } = useTranslation('account');
  const { dialog } = Route.useSearch();
  const navigate = Route.useNavigate();
  const list = useInfiniteQuery(sessions);
  const open = list.data?.pages.flatMap(({ items }) => items);
  return (
    <AccountPage title={t('sessions.title')}>
      <Card
        title={t('sessions.devices')}
        action={
          <Button variant="default" onClick={() => void navigate({ search: { dialog: 'everywhere' } })}>
            {t('sessions.everywhere')}
          </Button>
        }
      >
        {list.isError && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
        {list.isPending && <Skeleton h={120} />}
        {open && (
          <Rows label={t('sessions.devices')}>
            {open.map((one) => (
              <SessionRow key={one.id} session={one} />
            ))}
          </Rows>
        )}
        {list.hasNextPage && (
          <Button variant="subtle" color="gray" loading={list.isFetching} onClick={() => void list.fetchNextPage()}>
            {t('more')}
          </Button>
        )}
      </Card>
      <DangerDialog
        opened={dialog === 'everywhere'}
        onClose={() => void navigate({ search: {} })}
        title={t('sessions.everywhere')}
        verb={t('sessions.everywhere')}
        act={async () => {
          await endSessions();
          await session.signOut();
        }}
      >
        <Text size="sm">{t('sessions.everywhereText')}</Text>
      </DangerDialog>
    </AccountPage>
  );
}

function SessionRow({
  session: { id, current, device, method, factors, ip, lastUsedAt, createdAt },
}: {
  session: SessionView;
}) {
  const { t } = useTranslation('account');
  const format = useFormat();
  const queries = useQueryClient();
  const textOf = useProblemText();
  const { busy, run } = useStep((error) => toast(textOf(error), { error: true }));
  const Icon = /iPhone|iPad|Android/.test(device ?? '') ? Smartphone : Monitor;
  const signOut = () =>
    run(async () => {
      if (current) return session.signOut();
      await endSession({ path: { sessionId: id } });
      await queries.invalidateQueries({ queryKey: sessions.queryKey });
      toast(t('sessions.ended'));
    });
  const how = [method, ...factors.filter((factor) => factor !== method)].map((one) =>
    t(`sessions.by.${one as 'password'}`),
  );
  return (
    <Row
      icon={<Icon size={18} aria-hidden color="var(--mantine-color-dimmed)" />}
      title={device ?? t('sessions.unknown')}
      aside={current && <StatusBadge tone="good">{t('sessions.current')}</StatusBadge>}
      text={
        <>
          {t('sessions.used', { ago: format.ago(lastUsedAt), since: format.date(createdAt) })}
          {' · '}
          {how.join(' + ')}
          {ip && ` · ${ip}`}
        </>
      }
    >
      <Button variant="default" size="xs" loading={busy} onClick={() => void signOut()}>
        {t('sessions.signOut')}
      </Button>
    </Row>
  );
}
