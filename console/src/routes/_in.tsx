import { createFileRoute, redirect } from '@tanstack/react-router';
import { getAccountOptions } from '@trellis/client/react-query';
import { session } from '../api/session';
import { Frame } from '../frame/Frame';
import { loadTexts } from '../i18n';

/** Everything behind sign-in. Its pages may rely on the account being loaded. */
export const Route = createFileRoute('/_in')({
  beforeLoad: async ({ location }) => {
    try {
      await session.accessToken();
    } catch (error) {
      if (session.state !== 'signed-out') throw error;
      throw redirect({ to: '/sign-in', search: { to: location.href }, replace: true });
    }
  },
  loader: async ({ context }) => {
    // The texts of the dialog that opens when the session ends.
    await Promise.all([context.queryClient.ensureQueryData(getAccountOptions()), loadTexts('signIn')]);
  },
  component: Frame,
});
