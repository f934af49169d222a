import { Button, Group, Skeleton, Switch, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { changeOwnNotices, type MembershipView, type NoticesView } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { AccountPage } from '../account/AccountPage';
import { Row, Rows } from '../account/Row';
import { Card } from '../frame/Card';
import { ProblemAlert } from '../frame/Problem';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { loadTexts } from '../i18n';
import { ownOrganizations } from '../sign-in/ChooseOwnOrganization';

const KINDS = ['credits', 'autoTopUp', 'domains'] as const;
const ALWAYS = ['security', 'membership', 'requested'] as const;

const ownList = ownOrganizations(undefined);

export const Route = createFileRoute('/_in/account/notifications')({
  loader: async ({ context }) => {
    // A link in a mail may have changed them meanwhile.
    void context.queryClient.prefetchInfiniteQuery({ ...ownList, staleTime: 0 });
    await loadTexts('account');
  },
  component: Notifications,
});

function Notifications() {
  const { t } = useTranslation('account');
  const list = useInfiniteQuery(ownList);
  const chosen = list.data?.pages
    .flatMap(({ items }) => items)
    .filter(({ notices }) => KINDS.some((kind) => notices[kind] !== null));
  return (
    <AccountPage title={t('notifications.title')}>
      <Card title={t('notifications.organizations')}>
        {list.isError && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
        {list.isPending && <Skeleton h={120} />}
        {chosen?.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('notifications.none')}
          </Text>
        )}
        {chosen && chosen.length > 0 && (
          <Rows label={t('notifications.organizations')}>
            {chosen.map((organization) => (
              <OrganizationNotices key={organization.id} organization={organization} />
            ))}
          </Rows>
        )}
        {list.hasNextPage && (
          <Button variant="subtle" color="gray" loading={list.isFetching} onClick={() => void list.fetchNextPage()}>
            {t('more')}
          </Button>
        )}
      </Card>
      <Card title={t('notifications.always')}>
        <Rows label={t('notifications.always')}>
          {ALWAYS.map((kind) => (
            <Row key={kind} title={t(`notifications.${kind}.title`)} text={t(`notifications.${kind}.text`)} />
          ))}
        </Rows>
      </Card>
    </AccountPage>
  );
}

function OrganizationNotices({ organization: { id, name, notices } }: { organization: MembershipView }) {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const textOf = useProblemText();
  const change = useMutation({
    mutationFn: async (changed: Partial<Record<keyof NoticesView, boolean>>) =>
      (await changeOwnNotices({ path: { orgId: id }, body: changed })).data,
    onError: (error) => toast(textOf(error), { error: true }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['own-organizations'] }),
  });
  // What was clicked shows at once.
  const shown = { ...notices, ...(change.isPending && change.variables) };
  return (
    <Row title={<span dir="auto">{name}</span>}>
      <Group role="group" aria-label={name} gap="lg">
        {KINDS.map((kind) => {
          const on = shown[kind];
          return (
            on !== null && (
              <Switch
                key={kind}
                size="sm"
                label={t(`notifications.kind.${kind}`)}
                checked={on}
                onChange={({ currentTarget: { checked } }) => change.mutate({ [kind]: checked })}
              />
            )
          );
        })}
      </Group>
    </Row>
  );
}
