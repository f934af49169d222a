import { Button, Skeleton, Text } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { leaveOrganization, type MembershipView } from '@trellis/client';
import Building2 from 'lucide-react/icons/building-2';
import { useTranslation } from 'react-i18next';
import { AccountPage } from '../account/AccountPage';
import { Row, Rows } from '../account/Row';
import { Card } from '../frame/Card';
import { DangerDialog } from '../frame/DangerDialog';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ProblemAlert } from '../frame/Problem';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { loadTexts } from '../i18n';
import { ownOrganizations } from '../sign-in/ChooseOwnOrganization';
import { isOpen } from '../sign-in/OrganizationChoice';

export const Route = createFileRoute('/_in/account/organizations')({
  validateSearch: ({ leave }: Record<string, unknown>): { leave?: string } =>
    typeof leave === 'string' ? { leave } : {},
  loader: async ({ context }) => {
    void context.queryClient.prefetchInfiniteQuery(ownOrganizations(undefined));
    await loadTexts('account');
  },
  component: Organizations,
});

function Organizations() {
  const { t } = useTranslation(['account', 'common']);
  const { leave } = Route.useSearch();
  const navigate = Route.useNavigate();
  const queries = useQueryClient();
  const list = useInfiniteQuery(ownOrganizations(undefined));
  const organizations = list.data?.pages.flatMap(({ items }) => items);
  const leaving = organizations?.find(({ slug }) => slug === leave);
  const act = async ({ id, name }: MembershipView) => {
    await leaveOrganization({ path: { orgId: id } });
    toast(t('organizations.left', { name }));
    await queries.invalidateQueries();
  };
  return (
    <AccountPage title={t('organizations.title')}>
      {list.isError && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton h={120} />}
      {organizations?.length === 0 && (
        <EmptyState
          icon={<Building2 size={20} />}
          title={t('organizations.noneTitle')}
          text={t('organizations.noneText')}
        />
      )}
      {organizations && organizations.length > 0 && (
        <Card>
          <Rows label={t('organizations.title')}>
            {organizations.map((organization) => (
              <Row
                key={organization.id}
                title={
                  isOpen(organization) ? (
                    <RouteAnchor to="/o/$slug" params={{ slug: organization.slug }} c="var(--mantine-color-text)">
                      {organization.name}
                    </RouteAnchor>
                  ) : (
                    organization.name
                  )
                }
                aside={
                  organization.status === 'suspended' && (
                    <StatusBadge tone="warning">{t('common:status.suspended')}</StatusBadge>
                  )
                }
                text={t(`organizations.role.${organization.role}`)}
              >
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => void navigate({ search: { leave: organization.slug } })}
                >
                  {t('organizations.leave')}
                </Button>
              </Row>
            ))}
          </Rows>
          {list.hasNextPage && (
            <Button variant="subtle" color="gray" loading={list.isFetching} onClick={() => void list.fetchNextPage()}>
              {t('more')}
            </Button>
          )}
        </Card>
      )}
      <DangerDialog
        opened={leaving !== undefined}
        onClose={() => void navigate({ search: {} })}
        title={t('organizations.leaveTitle', { name: leaving?.name })}
        verb={t('organizations.leave')}
        act={async () => leaving && act(leaving)}
      >
        <Text size="sm">{t('organizations.leaveText')}</Text>
      </DangerDialog>
    </AccountPage>
  );
}
