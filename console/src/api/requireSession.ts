import { redirect } from '@tanstack/react-router';
import { session } from './session';

/** Leads to the sign-in, and from there back to `to`, unless this browser is signed in. */
export async function requireSession(to: string): Promise<void> {
  try {
    await session.accessToken();
  } catch (error) {
    if (session.state !== 'signed-out') throw error;
    throw redirect({ to: '/sign-in', search: { to }, replace: true });
  }
}
