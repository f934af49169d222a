import { Text } from '@mantine/core';
import { createFileRoute, redirect, useLocation } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Refused } from '../api/problem';
import { RouteAnchor } from '../frame/links';
import { ProblemAlert } from '../frame/Problem';
import { programSearch, type ProgramSearch, signInSearch, type SignInSearch } from '../sign-in/address';
import { SignInForm } from '../sign-in/SignInForm';
import { SignInShell } from '../sign-in/SignInShell';
import { useLeaveOnceSignedIn } from '../sign-in/useLeaveOnceSignedIn';
import { useSignInNavigation } from '../sign-in/useSignInNavigation';
import { useSsoReturn } from '../sign-in/useSsoReturn';
import { ssoUrl } from '../sign-in/sso';
import { apiBase, start } from '../start';

interface Search extends SignInSearch, ProgramSearch {
  /** What a sign-in with a provider ended with. */
  code?: string;
  error?: string;
  /** The connection whose sign-in ended with `error`. */
  connection?: string;
  /** The page was opened beside another one that waits for the sign-in. */
  close?: true;
}

export const Route = createFileRoute('/sign-in/')({
  validateSearch: (search: Record<string, unknown>): Search => ({
    ...signInSearch(search),
    ...programSearch(search),
    ...(typeof search.code === 'string' && { code: search.code }),
    ...(typeof search.error === 'string' && { error: search.error }),
    ...(typeof search.connection === 'string' &&
      /^[\da-f-]{36}$/.test(search.connection) && { connection: search.connection }),
    ...(search.close === true && { close: true }),
  }),
  beforeLoad: ({ search: { redirect_uri, code_challenge, state } }) => {
    if (redirect_uri && code_challenge)
      throw redirect({
        to: '/sign-in/program',
        search: { redirect_uri, code_challenge, ...(state !== undefined && { state }) },
        replace: true,
      });
  },
  component: SignInPage,
});

function SignInPage() {
  const { t } = useTranslation('signIn');
  const { code, error, connection, close, to, email } = Route.useSearch();
  const search = { ...(to && { to }), ...(email && { email }) };
  const goOn = useSignInNavigation();
  const mailedCode = new URLSearchParams(useLocation({ select: ({ hash }) => hash })).get('code') ?? undefined;
  const { refusal, redeeming } = useSsoReturn({ ...search, code, close: close === true });
  useLeaveOnceSignedIn(search, redeeming || mailedCode !== undefined);
  const failed =
    refusal ?? (error === undefined ? null : new Refused({ status: 0, code: error, detail: t('ssoFailed') }));
  const returnPath = (typed: string | undefined) =>
    `/sign-in?${new URLSearchParams({ ...(to && { to }), ...(typed && { email: typed }) })}`;
  const tryAgain = async (id: string) => {
    const startUrl = new URL(`${apiBase}/auth/sso/${id}/start`, location.origin).href;
    location.assign(await ssoUrl(startUrl, { path: returnPath(email), loginHint: email }));
  };
  return (
    <SignInShell
      title={t('title')}
      text={t('to', { name: start.branding.displayName })}
      footer={
        start.signIn.selfRegistration && (
          <>
            {t('noAccount')}{' '}
            <RouteAnchor to="/register" search={search} size="sm" underline="always">
              {t('createAccount')}
            </RouteAnchor>
          </>
        )
      }
    >
      {redeeming ? (
        <Text size="sm" role="status">
          {t('signingIn')}
        </Text>
      ) : (
        <SignInForm
          key={email}
          email={email}
          mailedCode={mailedCode}
          notice={
            failed && <ProblemAlert error={failed} {...(connection && { onRetry: () => void tryAgain(connection) })} />
          }
          returnPath={returnPath}
          forgotPassword={(typed) => (
            <RouteAnchor to="/forgot-password" search={{ ...(to && { to }), ...(typed && { email: typed }) }} size="sm">
              {t('forgotPassword')}
            </RouteAnchor>
          )}
          onOutcome={(outcome, typed) => goOn(outcome, { ...(to && { to }), ...(typed && { email: typed }) })}
        />
      )}
    </SignInShell>
  );
}
