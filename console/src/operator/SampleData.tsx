import { Box, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getSampleData, loadSampleData } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { Card } from '../frame/Card';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { start } from '../start';

const POLL_MS = 1000;

const sampleData = queryOptions({
  queryKey: ['sample-data'],
  queryFn: async ({ signal }) => (await getSampleData({ signal })).data,
  refetchInterval: ({ state }) => (state.data?.state === 'loading' ? POLL_MS : false),
});

/** Offers to load sample data, and shows how far it is, also to those who come back later. Only on servers of this machine. */
export function SampleData({ offer = false }: { offer?: boolean }) {
  const { t } = useTranslation('operator');
  const queries = useQueryClient();
  const problemText = useProblemText();
  const may = useCan()(requires.loadSampleData) && start.takesSampleData;
  const { state, done = 0, total = 0 } = useQuery({ ...sampleData, enabled: may }).data ?? {};
  const load = useMutation({
    mutationFn: async () => (await loadSampleData()).data,
    onSuccess: (data) => queries.setQueryData(sampleData.queryKey, data),
    onError: (error) => toast(problemText(error), { error: true }),
  });
  const loading = state === 'loading';
  // The list fills as organizations arrive, and shows their plans at the end.
  useEffect(() => {
    if (done === 0 && state !== 'loaded') return;
    for (const queryKey of [['organizations'], ['operator-overview']]) void queries.invalidateQueries({ queryKey });
  }, [done, state, queries]);
  if (!loading && state !== 'failed' && !(offer && state === 'available')) return null;
  return (
    <Box mb="sm">
      <Card>
        <Group justify="space-between" gap="md">
          <Stack gap={2} style={{ flex: '1 1 16rem' }}>
            <Text size="sm" fw={500} role="status">
              {t(`sampleData.${state}.title`, { done, total })}
            </Text>
            <Text size="xs" c="dimmed">
              {t(`sampleData.${state}.text`, { done, total })}
            </Text>
          </Stack>
          {!loading && (
            <Button variant="default" size="xs" loading={load.isPending} onClick={() => load.mutate()}>
              {t(state === 'failed' ? 'sampleData.goOn' : 'sampleData.load')}
            </Button>
          )}
        </Group>
        {loading && <Progress value={(100 * done) / total} size={4} mt="sm" aria-label={t('sampleData.load')} />}
      </Card>
    </Box>
  );
}
