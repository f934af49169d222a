import { Button, Group, Stack, Text } from '@mantine/core';
import { createLoginCode } from '@trellis/client';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { session } from '../api/session';
import { RouteAnchor } from '../frame/links';
import { ProblemAlert } from '../frame/Problem';
import { signedInJustNow } from './outcome';
import { SignInShell } from './SignInShell';
import { useStep } from './useStep';

interface Props {
  login: { redirectUri: string; codeChallenge: string; state?: string };
}

/**
 * Sends the browser back to the program with a code. A user who signed in for it just now is not asked again. A user who
 * was signed in before is, because any program on the machine can open this page.
 */
export function ProgramPage({ login }: Props) {
  const { t } = useTranslation('signIn');
  const email = useAccount()?.email;
  const { busy, error, run } = useStep();
  const [sent, setSent] = useState(false);
  const started = useRef(false);
  const goOn = () =>
    run(async () => {
      const { data } = await createLoginCode({ body: login });
      setSent(true);
      location.replace(data.redirectTo);
    });
  useEffect(() => {
    if (started.current || !signedInJustNow()) return;
    started.current = true;
    void goOn();
  });
  const host = URL.canParse(login.redirectUri) ? new URL(login.redirectUri).host : login.redirectUri;
  return (
    <SignInShell
      title={t('program.title')}
      text={t('program.text', { host })}
      footer={
        <RouteAnchor
          to="/sign-in"
          search={{ to: `${location.pathname.replace(/^.*(?=\/sign-in)/, '')}${location.search}` }}
          size="sm"
          onClick={() => void session.signOut()}
        >
          {t('program.otherAccount')}
        </RouteAnchor>
      }
    >
      {error && <ProblemAlert error={error} />}
      {sent ? (
        <Text size="sm" role="status">
          {t('program.done')}
        </Text>
      ) : (
        <Stack gap="md">
          <Text size="sm">{t('program.warning')}</Text>
          <Group grow>
            <Button loading={busy} onClick={() => void goOn()}>
              {t('program.continue', { email })}
            </Button>
          </Group>
        </Stack>
      )}
    </SignInShell>
  );
}
