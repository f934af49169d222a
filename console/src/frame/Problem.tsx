import { Alert, Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused } from '../api/problem';
import { RouteButton } from './links';
import { useProblemText } from './useProblemText';

// Loaded when needed: the page to sign in shows problems too, and tooltips are large.
const CopyButton = lazy(async () => ({ default: (await import('./CopyButton')).CopyButton }));

/** Shows what went wrong above or inside a page that otherwise stays as it is. */
export function ProblemAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  const requestId = error instanceof Refused ? error.problem.requestId : undefined;
  return (
    <Alert color="red" variant="light" role="alert" c="var(--mantine-color-text)">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{textOf(error)}</Text>
        {requestId && error instanceof Refused && error.problem.status >= 500 && (
          <Group gap={4}>
            <Text size="xs" c="dimmed">
              {t('trouble.requestId', { id: '' })}
            </Text>
            <Code>{requestId}</Code>
            <Suspense fallback={null}>
              <CopyButton value={requestId} />
            </Suspense>
          </Group>
        )}
        {onRetry && (
          <Button variant="default" size="xs" onClick={onRetry}>
            {t('retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Takes the place of a page that failed. */
export function PageProblem({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const queries = useQueryClient();
  if (error instanceof Refused && error.problem.status === 404) return <NotFound />;
  const retry = async () => {
    await queries.resetQueries();
    reset();
    await router.invalidate();
  };
  return (
    <Stack maw={640}>
      <Title order={1}>{t('trouble.title')}</Title>
      <ProblemAlert error={error} onRetry={() => void retry()} />
    </Stack>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Stack maw={480} align="flex-start">
      <Title order={1}>{t('trouble.notFoundTitle')}</Title>
      <Text c="dimmed">{t('trouble.notFoundText')}</Text>
      <RouteButton to="/" variant="default">
        {t('trouble.home')}
      </RouteButton>
    </Stack>
  );
}
