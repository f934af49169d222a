import { Text } from '@mantine/core';
import type { ActivityView } from '@trellis/client';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '../frame/Card';
import { useFormat } from '../i18n/useFormat';
import classes from './Activity.module.css';
import { useEventText } from './eventText';

/** The newest events in sentences. */
export function Activity({ events, action }: { events: ActivityView[]; action?: ReactNode }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const textOf = useEventText();
  return (
    <Card title={t('activity')} action={action}>
      {events.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('noActivity')}
        </Text>
      ) : (
        <ol className={classes.list}>
          {events.map((event) => (
            <li key={event.id} className={classes.item}>
              <span className={classes.what}>{textOf(event)}</span>
              <time className={classes.when} dateTime={event.occurredAt} title={format.dateTime(event.occurredAt)}>
                {format.ago(event.occurredAt)}
              </time>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
