import { Button, Divider, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { getStepUpOptions, stepUp as sendProof } from '@trellis/client';
import KeyRound from 'lucide-react/icons/key-round';
import Mail from 'lucide-react/icons/mail';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { mailCode, session } from '../api/session';
import { stepUp, type StepUpRequest } from '../api/stepUp';
import { FactorForm } from '../sign-in/FactorForm';
import { MailedCodeForm } from '../sign-in/MailedCodeForm';
import type { Factor } from '../sign-in/outcome';
import { ssoUrl } from '../sign-in/sso';
import { useStep } from '../sign-in/useStep';
import { apiBase } from '../start';
import { ProblemAlert } from './Problem';

const isFactor = (method: string): method is Factor => ['totp', 'passkey', 'recovery_code'].includes(method);

/** Asks who the user is, for a request that needs a fresh proof. The request goes on afterwards. */
export default function StepUpDialog({ request }: { request: StepUpRequest }) {
  const { t } = useTranslation('signIn');
  return (
    <Modal
      opened
      onClose={() => stepUp.finish(false)}
      title={t('stepUp.title')}
      closeButtonProps={{ 'aria-label': t('stepUp.cancel') }}
      // Over the dialog whose request waits.
      zIndex={900}
    >
      <Stack gap="md">
        <Text size="sm">{t('stepUp.text')}</Text>
        <Methods request={request} />
      </Stack>
    </Modal>
  );
}

function Methods({ request: { methods, connectionId } }: { request: StepUpRequest }) {
  const { t } = useTranslation('signIn');
  const email = useAccount()?.email ?? '';
  const [mailed, setMailed] = useState(false);
  const { busy, error, run } = useStep();
  const factors = methods.filter(isFactor);
  const prove = async (body: Parameters<typeof sendProof>[0]['body']) => {
    await sendProof({ body });
    stepUp.finish(true);
  };
  if (mailed)
    return (
      <MailedCodeForm email={email} onCode={(mailedCode) => prove({ mailedCode })} onBack={() => setMailed(false)} />
    );
  return (
    <>
      {error && <ProblemAlert error={error} />}
      {connectionId && methods.includes('sso') && <ProviderButton connectionId={connectionId} email={email} />}
      {factors.length > 0 && (
        <FactorForm methods={factors} passkeyOptions={async () => (await getStepUpOptions()).data} onProof={prove} />
      )}
      {methods.includes('password') && <PasswordForm onPassword={(password) => prove({ password })} />}
      {methods.includes('magic_link') && (
        <>
          {methods.includes('password') && <Divider label={t('or')} />}
          <Button
            variant="default"
            leftSection={<Mail size={15} />}
            loading={busy}
            onClick={() =>
              void run(async () => {
                await mailCode(email);
                setMailed(true);
              })
            }
          >
            {t('mailLink')}
          </Button>
        </>
      )}
    </>
  );
}

function PasswordForm({ onPassword }: { onPassword: (password: string) => Promise<void> }) {
  const { t } = useTranslation('signIn');
  const [password, setPassword] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { busy, error, run } = useStep(() => field.current?.select());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => onPassword(password));
      }}
    >
      <Stack gap="md">
        {error && <ProblemAlert error={error} />}
        <PasswordInput
          ref={field}
          label={t('password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>
          {t('stepUp.confirm')}
        </Button>
      </Stack>
    </form>
  );
}

/** Signs in again at the provider, in another tab. This tab goes on with the session that begins there. */
function ProviderButton({ connectionId, email }: { connectionId: string; email: string }) {
  const { t } = useTranslation('signIn');
  useEffect(() => session.onSignedInElsewhere(() => stepUp.finish(true)), []);
  const open = async () => {
    const startUrl = new URL(`${apiBase}/auth/sso/${connectionId}/start`, location.origin).href;
    window.open(await ssoUrl(startUrl, { path: '/sign-in?close=true', loginHint: email, again: true }), '_blank');
  };
  return (
    <Button leftSection={<KeyRound size={15} />} onClick={() => void open()}>
      {t('stepUp.provider')}
    </Button>
  );
}
