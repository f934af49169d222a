import { createFileRoute, redirect } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { signInCall } from '../api/session';
import { BackToSignIn } from '../sign-in/BackToSignIn';
import { FactorForm } from '../sign-in/FactorForm';
import { signInStep } from '../sign-in/outcome';
import { readPending } from '../sign-in/pending';
import { SignInShell } from '../sign-in/SignInShell';
import { useSignInNavigation } from '../sign-in/useSignInNavigation';

export const Route = createFileRoute('/sign-in/verify')({
  beforeLoad: () => {
    const pending = readPending();
    if (pending?.step.name !== 'factor') throw redirect({ to: '/sign-in', replace: true });
    const { step, to, email } = pending;
    return { step, signIn: { ...(to && { to }), ...(email && { email }) } };
  },
  component: Verify,
});

function Verify() {
  const { t } = useTranslation('signIn');
  const { step, signIn } = Route.useRouteContext();
  const { mfaToken, methods } = step;
  const goOn = useSignInNavigation();
  return (
    <SignInShell title={t('factor.title')} text={signIn.email} footer={<BackToSignIn search={signIn} />}>
      <FactorForm
        key={mfaToken}
        methods={methods}
        passkeyOptions={() => signInCall('passkeys/options', { mfaToken })}
        onProof={async (proof) => goOn(await signInStep('mfa', { mfaToken, ...proof }), signIn)}
      />
    </SignInShell>
  );
}
