import { useRouter } from '@tanstack/react-router';
import { getAccount } from '@trellis/client';
import { useEffect, useEffectEvent } from 'react';
import { session } from '../api/session';
import type { SignInSearch } from './address';

/**
 * Leaves the sign-in if this browser is signed in already, or as soon as another tab signs in. Stays if the address names
 * another user.
 */
export function useLeaveOnceSignedIn({ to, email }: SignInSearch, paused: boolean): void {
  const router = useRouter();
  const leave = useEffectEvent(async () => {
    if (paused) return;
    try {
      await session.accessToken();
      if (email && (await getAccount()).data.email.toLowerCase() !== email.toLowerCase()) return;
    } catch {
      return;
    }
    router.history.replace(router.basepath + (to ?? '/'));
  });
  useEffect(() => {
    void leave();
    return session.onSignedInElsewhere(() => void leave());
  }, []);
}
