import { Button, Divider, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import Fingerprint from 'lucide-react/icons/fingerprint-pattern';
import KeyRound from 'lucide-react/icons/key-round';
import Mail from 'lucide-react/icons/mail';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Refused } from '../api/problem';
import { signInCall } from '../api/session';
import { ProblemAlert } from '../frame/Problem';
import { start } from '../start';
import { useDiscovery } from './discovery';
import { MailedCodeForm } from './MailedCodeForm';
import { type Outcome, signInStep } from './outcome';
import { cancelAutofill, hasPasskeys, offersAutofill, showPasskey } from './passkey';
import { type Connection, ssoUrl } from './sso';
import { useStep } from './useStep';

interface Props {
  email?: string | undefined;
  /** Over a page, only the same user can go on. */
  sameUser?: boolean;
  /** What to show first, for example why a sign-in at a provider failed. */
  notice?: ReactNode;
  /** A code that a mailed link showed. */
  mailedCode?: string | undefined;
  /** The page of the console where a sign-in with a provider ends. It opens beside this one if undefined. */
  returnPath?: ((email: string) => string) | undefined;
  forgotPassword?: ((email: string) => ReactNode) | undefined;
  onOutcome: (outcome: Outcome, email: string) => void | Promise<void>;
}

const offers = (method: 'password' | 'magic_link' | 'passkey'): boolean => start.signIn.methods.includes(method);

/** The first step of a sign-in. */
export function SignInForm({
  email: known = '',
  sameUser,
  notice,
  mailedCode,
  returnPath,
  forgotPassword,
  onOutcome,
}: Props) {
  const { t } = useTranslation('signIn');
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [mailed, setMailed] = useState(mailedCode !== undefined);
  const [missing, setMissing] = useState(false);
  const emailField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const { busy, error, run } = useStep(({ code }: Refused) => {
    if (code === 'auth.invalid_credentials') passwordField.current?.select();
    if (code === 'validation_failed') emailField.current?.focus();
  });
  const discovered = useDiscovery(email);
  const connections = discovered?.connections ?? [];
  // The way in of the user's organization, if it does not accept passwords.
  const leading = connections.length > 0 && !discovered?.methods.includes('password');

  const step = (path: string, body: object) => run(async () => onOutcome(await signInStep(path, body), email));
  const passkeyOptions = () => signInCall<object>('passkeys/options');
  const verifyPasskey = async (credential: object) =>
    onOutcome(await signInStep('passkeys/verify', { credential }), email);
  const withPasskey = () => run(async () => verifyPasskey(await showPasskey(await passkeyOptions())));
  const withLink = async () => {
    if (!email.trim()) {
      setMissing(true);
      emailField.current?.focus();
      return;
    }
    if (await run(() => signInCall('magic-link', { email: email.trim() }))) setMailed(true);
  };
  const withConnection = async ({ startUrl }: Connection) => {
    const path = returnPath?.(email) ?? '/sign-in?close=true';
    const url = await ssoUrl(startUrl, { path, loginHint: email.trim() });
    if (returnPath) location.assign(url);
    else window.open(url, '_blank');
  };
  const offerPasskeys = usePasskeyAutofill(async () => {
    const credential = await showPasskey(await passkeyOptions(), { autofill: true });
    await run(() => verifyPasskey(credential));
  });

  if (mailed)
    return (
      <MailedCodeForm
        email={email}
        initialCode={mailedCode}
        onCode={async (token, sameBrowser) =>
          onOutcome(
            await signInStep('magic-link/redeem', { token, audience: 'trellis', ...(sameBrowser && { sameBrowser }) }),
            email,
          )
        }
        onBack={() => setMailed(false)}
      />
    );

  const providers = connections.map((connection) => (
    <Button
      key={connection.id}
      variant={leading ? 'filled' : 'default'}
      leftSection={<KeyRound size={15} />}
      onClick={() => void withConnection(connection)}
    >
      {t('continueWith', { name: connection.name })}
    </Button>
  ));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void step('login', { email: email.trim(), password });
      }}
    >
      <Stack gap="md">
        {error ? <ProblemAlert error={error} /> : notice}
        <TextInput
          ref={emailField}
          label={t('email')}
          name="email"
          type="email"
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          readOnly={sameUser === true && Boolean(known)}
          autoFocus={!known}
          error={missing && !email.trim() && t('emailMissing')}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          onPointerDown={offerPasskeys}
        />
        {providers.length > 0 && (
          <Stack gap="xs" role="group" aria-label={t('providers')}>
            {providers}
          </Stack>
        )}
        {offers('password') && (
          <>
            {providers.length > 0 && <Divider label={t('or')} />}
            <PasswordInput
              ref={passwordField}
              label={t('password')}
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              autoFocus={Boolean(known) && !leading}
              data-autofocus
              visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" loading={busy} variant={leading ? 'default' : 'filled'}>
              {t('submit')}
            </Button>
            {forgotPassword && (
              <Group justify="center" mt={-4}>
                {forgotPassword(email)}
              </Group>
            )}
          </>
        )}
        {(offers('passkey') || offers('magic_link')) && (
          <>
            <Divider label={t('or')} />
            <Stack gap="xs">
              {offers('passkey') && hasPasskeys() && (
                <Button
                  variant="default"
                  leftSection={<Fingerprint size={15} />}
                  disabled={busy}
                  onClick={() => void withPasskey()}
                >
                  {t('usePasskey')}
                </Button>
              )}
              {offers('magic_link') && (
                <Button
                  variant="default"
                  leftSection={<Mail size={15} />}
                  disabled={busy}
                  onClick={() => void withLink()}
                >
                  {t('mailLink')}
                </Button>
              )}
            </Stack>
          </>
        )}
      </Stack>
    </form>
  );
}

/**
 * Returns a function that offers the user's passkeys in the autofill of the e-mail field. It is called when the user points
 * at the field: most visits need no challenge.
 */
function usePasskeyAutofill(offer: () => Promise<void>): () => void {
  const asked = useRef(false);
  useEffect(
    () => () => {
      if (asked.current) void cancelAutofill();
    },
    [],
  );
  return () => {
    if (asked.current || !offers('passkey')) return;
    asked.current = true;
    // Ends without an error when the user signs in another way.
    void offersAutofill()
      .then((offered) => (offered ? offer() : undefined))
      .catch(() => undefined);
  };
}
