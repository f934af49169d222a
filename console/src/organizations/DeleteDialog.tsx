import { List, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { deleteOrganization, getImpact, type ImpactView, type OrganizationView } from '@trellis/client';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DangerDialog } from '../frame/DangerDialog';
import { ProblemAlert } from '../frame/Problem';
import { useFormat } from '../i18n/useFormat';

/** Calendar days between a deletion and the purge. */
const GRACE_DAYS = 7;
const DAY_MS = 86_400_000;

const COUNTS = [
  'activeMembers',
  'liveSessions',
  'units',
  'publishingContent',
  'linkedIdentityProviders',
  'paymentsUnderway',
  'scheduledGrants',
  'openHolds',
  'openRuns',
] as const satisfies (keyof ImpactView)[];

interface Props {
  organization: OrganizationView;
  opened: boolean;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before an organization is deleted: says what it holds, and until when it can be restored. */
export function DeleteDialog({ organization, opened, onClose, onDeleted }: Props) {
  const { t } = useTranslation('organizationSettings');
  const queries = useQueryClient();
  const deleted = useRef(false);
  const { id, name } = organization;
  return (
    <DangerDialog
      opened={opened}
      // Leaving the page also closes the dialog, whose address must not bring the page back.
      onClose={() => (deleted.current ? onDeleted() : onClose())}
      title={t('delete.title', { name })}
      verb={t('delete.verb')}
      confirmName={name}
      act={async () => {
        await deleteOrganization({ path: { orgId: id }, query: { confirmName: name } });
        deleted.current = true;
        await Promise.all([
          queries.invalidateQueries({ queryKey: ['organizations'] }),
          queries.invalidateQueries({ queryKey: ['operator-overview'] }),
          queries.invalidateQueries({ queryKey: ['organization', organization.slug], refetchType: 'none' }),
        ]);
      }}
    >
      <Impact orgId={id} />
    </DangerDialog>
  );
}

function Impact({ orgId }: { orgId: string }) {
  const { t } = useTranslation('organizationSettings');
  const format = useFormat();
  const impact = useQuery({
    queryKey: ['impact', orgId],
    queryFn: async ({ signal }) => (await getImpact({ path: { orgId }, signal })).data,
    staleTime: 0,
  });
  const [until] = useState(() => new Date(Date.now() + GRACE_DAYS * DAY_MS));
  if (impact.isError) return <ProblemAlert error={impact.error} onRetry={() => void impact.refetch()} />;
  const { data } = impact;
  const counts = data ? COUNTS.filter((key) => data[key] > 0) : [];
  return (
    <Stack gap="sm">
      <Text size="sm">{t('delete.now')}</Text>
      {data ? (
        <List size="sm" spacing={2} className="tabular">
          {counts.map((key) => (
            <List.Item key={key}>{t(`impact.${key}`, { count: data[key] })}</List.Item>
          ))}
          <List.Item>{t('impact.creditsLeft', { credits: format.credits(data.creditsLeft) })}</List.Item>
        </List>
      ) : (
        <Skeleton h={72} />
      )}
      <Text size="sm">{t('delete.later', { date: format.date(until) })}</Text>
    </Stack>
  );
}
