import { Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import * as requires from '@trellis/client/requires';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { start } from '../start';
import { FirstSteps } from './FirstSteps';
import { operatorOverview } from './overview';
import { SampleData } from './SampleData';

/** Takes the place of the organizations of an operator that has none: the first steps, ticked from data. */
export function FirstRun({ fallback }: { fallback: ReactNode }) {
  const { t } = useTranslation('operator');
  const can = useCan()(requires.getOperatorOverview);
  const { data, isError } = useQuery({ ...operatorOverview, enabled: can, staleTime: 0 });
  if (!can || isError) return fallback;
  if (!data) return <Skeleton h={240} maw={640} mx="auto" mt="xl" />;
  const { active, suspended, pendingDeletion } = data.organizations;
  // Other tabs have some.
  if (active + suspended + pendingDeletion > 0) return fallback;
  return (
    <Stack maw={640} w="100%" mx="auto" mt="xl" gap="md">
      <div>
        <Title order={2}>{t('welcome', { name: start.operator.name })}</Title>
        <Text c="dimmed">{t('welcomeText')}</Text>
      </div>
      <FirstSteps steps={data.setUp} />
      <SampleData offer />
    </Stack>
  );
}
