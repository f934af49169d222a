import { Stack, Text, Title } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Refused } from '../api/problem';
import { RouteButton } from '../frame/links';
import { PageProblem } from '../frame/Problem';
import { start } from '../start';

/** Takes the place of the pages of an organization that the user cannot open, for example because it was deleted. */
export function OrganizationProblem(props: ErrorComponentProps) {
  const { t } = useTranslation('lifecycle');
  const { error } = props;
  if (!(error instanceof Refused) || error.code !== 'organizations.not_found') return <PageProblem {...props} />;
  return (
    <Stack maw={480} align="flex-start">
      <Title order={1}>{t('noAccessTitle')}</Title>
      <Text c="dimmed">{t('noAccessText', { operator: start.operator.name })}</Text>
      <RouteButton to="/" variant="default">
        {t('noAccessAction')}
      </RouteButton>
    </Stack>
  );
}
