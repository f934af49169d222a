import { Anchor, Button, Group, Select, Stack, Table, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DeliveryView, WebhookView } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { useList } from '../api/pages';
import { Card } from '../frame/Card';
import { CopyBlock } from '../frame/CopyBlock';
import { ProblemAlert } from '../frame/Problem';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { useFormat } from '../i18n/useFormat';
import { Facts } from '../members/Facts';
import { STATUS_TONES, STATUSES, type WebhookLevel, type WebhookSearch } from './level';

interface Props {
  level: WebhookLevel;
  webhook: WebhookView;
  search: WebhookSearch;
  setSearch: (next: WebhookSearch) => void;
  mayEdit: boolean;
}

const REFRESHED_MS = 3000;

/** Deliveries of a webhook, newest first, and the one that is open. */
export function Deliveries({ level, webhook, search, setSearch, mayEdit }: Props) {
  const { t } = useTranslation('webhooks');
  const format = useFormat();
  const { status, delivery: open } = search;
  const list = useList({ ...level.deliveries(webhook.id, status), refetchInterval: REFRESHED_MS });
  const here = { webhook: webhook.id, status };
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2}>{t('deliveries')}</Title>
        <Select
          aria-label={t('deliveryStatus')}
          placeholder={t('allStatuses')}
          data={STATUSES.map((value) => ({ value, label: t(`statuses.${value}`) }))}
          value={status ?? null}
          clearable
          size="sm"
          w={170}
          onChange={(value) => setSearch({ webhook: webhook.id, status: (value as typeof status) ?? undefined })}
        />
      </Group>
      {open && (
        <OpenDelivery
          key={open}
          level={level}
          webhook={webhook}
          id={open}
          mayEdit={mayEdit}
          close={() => setSearch(here)}
        />
      )}
      {list.query.isError && <ProblemAlert error={list.query.error} onRetry={() => void list.query.refetch()} />}
      {list.rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t(status ? 'noneWithStatus' : 'noDeliveries')}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={420}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('type')}</Table.Th>
                <Table.Th>{t('status')}</Table.Th>
                <Table.Th>{t('answer')}</Table.Th>
                <Table.Th ta="right">{t('when')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.rows.map((one) => (
                <Table.Tr key={one.id} bg={one.id === open ? 'var(--mantine-color-default-hover)' : undefined}>
                  <Table.Td>
                    <Anchor
                      component="button"
                      type="button"
                      size="sm"
                      onClick={() => setSearch({ ...here, delivery: one.id })}
                    >
                      {one.type}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>
                    <StatusBadge tone={STATUS_TONES[one.status]}>{t(`statuses.${one.status}`)}</StatusBadge>
                  </Table.Td>
                  <Table.Td>
                    <Answer delivery={one} />
                  </Table.Td>
                  <Table.Td ta="right" className="tabular">
                    {format.ago(one.attemptedAt ?? one.createdAt)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {list.query.hasNextPage && (
        <div>
          <Button variant="default" size="compact-sm" onClick={() => void list.query.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </Stack>
  );
}

function Answer({ delivery: { responseStatus, error, durationMs } }: { delivery: DeliveryView }) {
  const { t, i18n } = useTranslation('webhooks');
  const format = useFormat();
  if (responseStatus !== null)
    return `${responseStatus}${durationMs === null ? '' : ` · ${t('ms', { ms: format.number(durationMs) })}`}`;
  if (error === null) return '–';
  return i18n.exists(`webhooks:error.${error}`) ? t(`error.${error as 'timeout'}`) : error;
}

interface OpenProps {
  level: WebhookLevel;
  webhook: WebhookView;
  id: string;
  mayEdit: boolean;
  close: () => void;
}

function OpenDelivery({ level, webhook, id, mayEdit, close }: OpenProps) {
  const { t } = useTranslation(['webhooks', 'common']);
  const format = useFormat();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { data, error } = useQuery({
    queryKey: [...level.key, 'deliveries', webhook.id, 'one', id],
    queryFn: ({ signal }) => level.delivery(webhook.id, id, signal),
    refetchInterval: ({ state }) => (state.data?.status === 'pending' ? 1000 : false),
  });
  const replay = useMutation({
    mutationFn: () => level.replay(webhook.id, id),
    onSuccess: async () => {
      toast(t('replayed'));
      await queries.invalidateQueries({ queryKey: level.key });
    },
    onError: (problem) => toast(problemText(problem), { error: true }),
  });
  if (error) return <ProblemAlert error={error} />;
  if (!data) return null;
  return (
    <Card title={data.type}>
      <Stack gap="sm">
        <Facts
          items={[
            {
              label: t('status'),
              value: <StatusBadge tone={STATUS_TONES[data.status]}>{t(`statuses.${data.status}`)}</StatusBadge>,
            },
            { label: t('answer'), value: <Answer delivery={data} /> },
            { label: t('attempts'), value: format.number(data.attempts) },
            ...(data.nextAttemptAt && data.attempts > 0
              ? [{ label: t('nextAttempt'), value: format.dateTime(data.nextAttemptAt) }]
              : []),
          ]}
        />
        {data.request ? (
          <CopyBlock label={t('request')} value={pretty(data.request.body)} />
        ) : (
          <Text size="sm">{t('purged')}</Text>
        )}
        {data.response && <CopyBlock label={t('response')} value={data.response} />}
        <Group gap="xs">
          {mayEdit && webhook.active && (
            <Button loading={replay.isPending} onClick={() => replay.mutate()}>
              {t('replay')}
            </Button>
          )}
          <Button variant="default" onClick={close}>
            {t('common:close')}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

const pretty = (body: string): string => JSON.stringify(JSON.parse(body), null, 2);
