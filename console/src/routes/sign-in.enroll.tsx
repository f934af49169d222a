import { createFileRoute, redirect } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { BackToSignIn } from '../sign-in/BackToSignIn';
import { EnrollForm } from '../sign-in/EnrollForm';
import { readPending } from '../sign-in/pending';
import { SignInShell } from '../sign-in/SignInShell';
import { useSignInNavigation } from '../sign-in/useSignInNavigation';

export const Route = createFileRoute('/sign-in/enroll')({
  beforeLoad: () => {
    const pending = readPending();
    if (pending?.step.name !== 'factor') throw redirect({ to: '/sign-in', replace: true });
    const { step, to, email } = pending;
    return { step, signIn: { ...(to && { to }), ...(email && { email }) } };
  },
  component: Enroll,
});

function Enroll() {
  const { t } = useTranslation('signIn');
  const { step, signIn } = Route.useRouteContext();
  const goOn = useSignInNavigation();
  return (
    <SignInShell title={t('enroll.title')} text={t('enroll.text')} footer={<BackToSignIn search={signIn} />} wide>
      <EnrollForm key={step.mfaToken} step={step} onOutcome={(outcome) => goOn(outcome, signIn)} />
    </SignInShell>
  );
}
