import { Alert, Button, Group, Text } from '@mantine/core';
import type { OrganizationView } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { useFormat } from '../i18n/useFormat';
import { start } from '../start';
import { useLifecycle } from './lifecycle';

/** Says above every page of an organization that it is suspended or deleted, and what can be done about it. */
export function LifecycleBanner({ organization }: { organization: OrganizationView }) {
  const { t } = useTranslation('lifecycle');
  const format = useFormat();
  const can = useCan();
  const { restore, resume } = useLifecycle();
  const { status, purgeAt } = organization;
  if (status === 'active') return null;
  const deleted = status === 'pending_deletion';
  const action = deleted
    ? can(requires.restoreOrganization) && { label: t('restore'), act: () => void restore(organization) }
    : can(requires.resumeOrganization) && { label: t('resume'), act: () => void resume(organization) };
  return (
    <Alert color={deleted ? 'red' : 'yellow'} variant="light" mb="lg" c="var(--mantine-color-text)" role="status">
      <Group justify="space-between" gap="sm">
        <div>
          <Text size="sm" fw={600}>
            {deleted ? t('deletedTitle') : t('suspendedTitle')}
          </Text>
          <Text size="sm">
            {deleted ? t('deletedText', { date: purgeAt ? format.dateTime(purgeAt) : '' }) : t('suspendedText')}{' '}
            {deleted && !action && t('deletedAsk', { operator: start.operator.name })}
          </Text>
        </div>
        {action && (
          <Button variant="default" onClick={action.act}>
            {action.label}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
