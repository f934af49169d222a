import { Alert, Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused, unreachable } from '../api/problem';
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

/** Tells whether a script of the page did not arrive. Browsers have no code for it. */
const isMissingScript = (error: unknown): boolean =>
  error instanceof TypeError && /imported module|module script/i.test(error.message);

const RELOADED = 'trellis-reloaded-at';
const RELOAD_EVERY_MS = 60_000;

/**
 * Loads the page again if the server answers but no longer has a script, which is so after an update. Not more often than
 * once a minute, so that a script that is missing for another reason causes no loop.
 */
function useReloadAfterUpdate(missing: boolean): void {
  useEffect(() => {
    if (!missing || Date.now() - Number(sessionStorage.getItem(RELOADED)) < RELOAD_EVERY_MS) return;
    const reload = async () => {
      await fetch(location.href);
      sessionStorage.setItem(RELOADED, String(Date.now()));
      location.reload();
    };
    // Without an answer the page stays, and says so.
    reload().catch(() => undefined);
  }, [missing]);
}

/** Takes the place of a page that failed. */
export function PageProblem({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const queries = useQueryClient();
  const missing = isMissingScript(error);
  useReloadAfterUpdate(missing);
  if (error instanceof Refused && error.problem.status === 404) return <NotFound />;
  const retry = async () => {
    // The browser remembers that a script did not arrive.
    if (missing) return location.reload();
    await queries.resetQueries();
    reset();
    await router.invalidate();
  };
  return (
    <Stack maw={640}>
      <Title order={1}>{t('trouble.title')}</Title>
      <ProblemAlert error={missing ? unreachable() : error} onRetry={() => void retry()} />
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
