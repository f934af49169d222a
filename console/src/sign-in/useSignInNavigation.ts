import { useNavigate, useRouter } from '@tanstack/react-router';
import { chooseByAddress, type Outcome } from './outcome';
import { clearPending, savePending } from './pending';
import type { SignInSearch } from './address';

/** Returns a function that leads from a step of the sign-in to the next page, and at the end to where the user wanted to go. */
export function useSignInNavigation(): (outcome: Outcome, search: SignInSearch) => Promise<void> {
  const navigate = useNavigate();
  const router = useRouter();
  return async (reached, { to, email }) => {
    const outcome = await chooseByAddress(reached, to);
    if (outcome.name === 'done') {
      clearPending();
      const { organization } = outcome.signedIn;
      const home = organization ? `/o/${organization.slug}` : '/';
      router.history.replace(router.basepath + (to && to !== '/' ? to : home));
      return;
    }
    savePending({ step: outcome, to, email });
    const page =
      outcome.name === 'choice' ? '/choose' : outcome.methods.length > 0 ? '/sign-in/verify' : '/sign-in/enroll';
    await navigate({ to: page });
  };
}
