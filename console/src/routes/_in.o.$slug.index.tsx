import { Alert, Grid, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute, useRouter } from '@tanstack/react-router';
import {
  type AttentionView,
  getOrganizationOverview,
  type OrganizationOverviewView,
  type OrganizationStepView,
} from '@trellis/client';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Card, FigureCard } from '../frame/Card';
import { CopyButton } from '../frame/CopyButton';
import { RouteButton } from '../frame/links';
import { PageHeader } from '../frame/PageHeader';
import { StatusBadge } from '../frame/StatusBadge';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { STATUS_TONES } from '../organizations/lifecycle';
import { Activity } from '../overview/Activity';
import { SetUp } from '../overview/SetUp';

const UsageTrend = lazy(() => import('../overview/UsageTrend'));

const overviewQuery = (orgId: string) =>
  queryOptions({
    queryKey: ['organization-overview', orgId],
    queryFn: async ({ signal }) => (await getOrganizationOverview({ path: { orgId }, signal })).data,
  });

export const Route = createFileRoute('/_in/o/$slug/')({
  loader: async ({ context: { queryClient, organization } }) => {
    await Promise.all([queryClient.ensureQueryData(overviewQuery(organization.id)), loadTexts('overview', 'events')]);
  },
  component: Overview,
});

function Overview() {
  const { t } = useTranslation(['overview', 'common']);
  const { organization } = Route.useRouteContext();
  const { id, slug, name, status, description, externalId } = organization;
  const { data } = useSuspenseQuery(overviewQuery(id));
  const needsAttention = data.attention.filter(isNew);
  const openSteps = data.setUp.some(({ done }) => !done);
  return (
    <>
      <PageHeader
        title={name}
        aside={<StatusBadge tone={STATUS_TONES[status]}>{t(`common:status.${status}`)}</StatusBadge>}
        description={
          <>
            {description}
            {description && externalId && ' · '}
            {externalId && (
              <>
                {externalId} <CopyButton value={externalId} label={t('externalId')} />
              </>
            )}
          </>
        }
      />
      <Stack gap="md">
        {needsAttention.length > 0 && <AttentionList items={needsAttention} />}
        <Figures overview={data} />
        <Grid gap="md">
          <Grid.Col span={{ base: 12, lg: openSteps && data.activity ? 7 : 12 }}>
            <Stack gap="md">
              {data.credits && <Usage credits={data.credits} />}
              {data.activity && <Activity events={data.activity} />}
            </Stack>
          </Grid.Col>
          {openSteps && (
            <Grid.Col span={{ base: 12, lg: data.activity ? 5 : 12 }}>
              <OrganizationSetUp slug={slug} steps={data.setUp} />
            </Grid.Col>
          )}
        </Grid>
      </Stack>
    </>
  );
}

type Attention = AttentionView & { code: Exclude<AttentionView['code'], 'suspended' | 'pending_deletion'> };

/** The status is told above every page of the organization. */
const isNew = (one: AttentionView): one is Attention => one.code !== 'suspended' && one.code !== 'pending_deletion';

function AttentionList({ items }: { items: Attention[] }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  return (
    <Alert
      color="yellow"
      variant="light"
      c="var(--mantine-color-text)"
      icon={<TriangleAlert size={18} />}
      title={t('attention')}
    >
      <Stack gap={2}>
        {items.map(({ code, at }) => (
          <Text key={code} size="sm">
            {t(`attentions.${code}`)}
            {at && ` (${format.date(at)})`}
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}

function Figures({ overview: { counts, credits } }: { overview: OrganizationOverviewView }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const { members, invitations, units } = counts;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      {credits && (
        <FigureCard
          label={t('available')}
          value={format.credits(credits.available)}
          note={Number(credits.held) > 0 ? t('held', { credits: format.credits(credits.held) }) : t('nothingHeld')}
        />
      )}
      {credits && (
        <FigureCard
          label={t('lastsUntil')}
          value={credits.lastsUntil ? format.date(credits.lastsUntil) : t('noEnd')}
          note={credits.lastsUntil ? t('atThisRate') : t('notUsed')}
        />
      )}
      {members !== null && (
        <FigureCard
          label={t('members')}
          value={format.number(members)}
          note={invitations ? t('invited', { count: invitations }) : t('noInvitations')}
        />
      )}
      {units !== null && <FigureCard label={t('units')} value={format.number(units)} note={t('unitsText')} />}
    </SimpleGrid>
  );
}

function Usage({ credits: { usage } }: { credits: NonNullable<OrganizationOverviewView['credits']> }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const total = usage.reduce((sum, { net }) => sum + Number(net), 0);
  return (
    <Card
      title={t('usage')}
      action={
        <Text size="sm" c="dimmed" className="tabular">
          {t('used', { credits: format.credits(String(Math.round(total * 1e6) / 1e6)) })}
        </Text>
      }
    >
      {total === 0 ? (
        <Text size="sm" c="dimmed">
          {t('noUsage')}
        </Text>
      ) : (
        <Suspense fallback={<Skeleton h={72} />}>
          <UsageTrend usage={usage} />
        </Suspense>
      )}
    </Card>
  );
}

type Step = OrganizationStepView['step'];

/** Where each step is taken. */
const PLACES: Record<Step, string> = {
  branding: '/o/$slug/branding',
  members: '/o/$slug/invitations',
  credits: '/o/$slug/credits',
  domain: '/o/$slug/sign-in-settings',
  single_sign_on: '/o/$slug/sign-in-settings',
};

function OrganizationSetUp({ slug, steps }: { slug: string; steps: OrganizationStepView[] }) {
  const { t } = useTranslation('overview');
  const { routesByPath } = useRouter();
  return (
    <Group align="stretch" grow>
      <SetUp
        title={t('setUp')}
        steps={steps.map(({ step, done }) => ({
          key: step,
          done,
          label: t(`steps.${step}.label`),
          text: t(`steps.${step}.text`),
          // Steps whose page does not exist yet lead nowhere.
          action: PLACES[step] in routesByPath && (
            <RouteButton to={PLACES[step] as '/o/$slug'} params={{ slug }} variant="default" size="compact-sm">
              {t('start')}
            </RouteButton>
          ),
        }))}
      />
    </Group>
  );
}
