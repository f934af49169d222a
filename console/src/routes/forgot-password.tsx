import { Button, Stack, Text, TextInput } from '@mantine/core';
import { createFileRoute } from '@tanstack/react-router';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { signInCall } from '../api/session';
import { ProblemAlert } from '../frame/Problem';
import { loadTexts } from '../i18n';
import { signInSearch } from '../sign-in/address';
import { BackToSignIn } from '../sign-in/BackToSignIn';
import { SignInShell } from '../sign-in/SignInShell';
import { useStep } from '../sign-in/useStep';

export const Route = createFileRoute('/forgot-password')({
  validateSearch: signInSearch,
  loader: () => loadTexts('signIn'),
  component: ForgotPassword,
});

function ForgotPassword() {
  const { t } = useTranslation('signIn');
  const search = Route.useSearch();
  const [email, setEmail] = useState(search.email ?? '');
  const [sent, setSent] = useState(false);
  const { busy, error, run } = useStep();
  return (
    <SignInShell
      title={t('forgot.title')}
      text={!sent && t('forgot.text')}
      footer={<BackToSignIn search={{ ...search, ...(email && { email }) }} />}
    >
      {sent ? (
        <>
          <Text size="sm" role="status">
            <Trans t={t} i18nKey="forgot.sent" values={{ email }} components={{ b: <Text span fw={600} inherit /> }} />
          </Text>
          <Button variant="default" onClick={() => setSent(false)}>
            {t('otherAddress')}
          </Button>
        </>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void run(async () => {
              await signInCall('password/forgot', { email: email.trim() });
              setSent(true);
            });
          }}
        >
          <Stack gap="md">
            {error && <ProblemAlert error={error} />}
            <TextInput
              label={t('email')}
              name="email"
              type="email"
              autoComplete="username"
              required
              withAsterisk={false}
              autoFocus
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <Button type="submit" loading={busy}>
              {t('forgot.submit')}
            </Button>
          </Stack>
        </form>
      )}
    </SignInShell>
  );
}
