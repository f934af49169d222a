import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../frame/Problem';
import { BackToSignIn } from './BackToSignIn';
import { OrganizationChoice } from './OrganizationChoice';
import { type ChoiceStep, signInStep } from './outcome';
import type { PendingSignIn } from './pending';
import { SignInShell } from './SignInShell';
import { useSignInNavigation } from './useSignInNavigation';
import { useStep } from './useStep';

export function ChooseDuringSignIn({ pending }: { pending: PendingSignIn & { step: ChoiceStep } }) {
  const { t } = useTranslation('signIn');
  const { step, to, email } = pending;
  const { selectionToken, organizations } = step;
  const search = { ...(to && { to }), ...(email && { email }) };
  const goOn = useSignInNavigation();
  const { busy, error, run } = useStep();
  return (
    <SignInShell title={t('choice.title')} text={email} footer={<BackToSignIn search={search} />}>
      {error && <ProblemAlert error={error} />}
      <OrganizationChoice
        organizations={organizations}
        disabled={busy}
        onChoose={({ id: organizationId }) =>
          void run(async () =>
            goOn(await signInStep('select-organization', { selectionToken, organizationId }), search),
          )
        }
      />
    </SignInShell>
  );
}
