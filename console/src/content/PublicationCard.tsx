import { Alert, Progress, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ContentDocumentView, PublicationView } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { Card } from '../frame/Card';
import { ProblemAlert } from '../frame/Problem';
import { useFormat } from '../i18n/useFormat';
import { publicationQuery } from './queries';
import type { DocumentLevel } from './level';

interface Props {
  level: DocumentLevel;
  document: ContentDocumentView;
}

/** How far the last publication has come. It goes on without this page. */
export function PublicationCard({ level, document }: Props) {
  const { t } = useTranslation('documents');
  const { data, error } = useQuery(publicationQuery(level, document));
  if (error) return <ProblemAlert error={error} />;
  if (!data) return null;
  return (
    <Card title={t('publication')}>
      <Progressing publication={data} />
    </Card>
  );
}

function Progressing({ publication }: { publication: PublicationView }) {
  const { t } = useTranslation('documents');
  const format = useFormat();
  const { state, version, total, done, failed, scheduledAt, startedAt, finishedAt } = publication;
  if (state === 'scheduled')
    return (
      <Text size="sm">{t('scheduledFor', { version, date: scheduledAt ? format.dateTime(scheduledAt) : '' })}</Text>
    );
  if (state === 'cancelled') return <Text size="sm">{t('publicationCancelled', { version })}</Text>;
  return (
    <Stack gap="xs" role="status">
      <Text size="sm">
        {state === 'publishing'
          ? t('publishingTo', { version, done: format.number(done), total: format.number(total) })
          : t('publishedTo', { version, count: done, total: format.number(done) })}
      </Text>
      {state === 'publishing' && (
        <Progress value={total === 0 ? 0 : (100 * done) / total} size="sm" animated aria-label={t('publication')} />
      )}
      {failed > 0 && (
        <Alert color="orange" variant="light" p="xs">
          {t('failedOrganizations', { count: failed, failed: format.number(failed) })}
        </Alert>
      )}
      <Text size="xs" c="dimmed">
        {finishedAt
          ? t('finished', { when: format.ago(finishedAt) })
          : startedAt && t('started', { when: format.ago(startedAt) })}
        {state === 'publishing' && ` ${t('goesOn')}`}
      </Text>
    </Stack>
  );
}
