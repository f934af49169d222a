import { createFileRoute } from '@tanstack/react-router';
import { getAccountOptions } from '@trellis/client/react-query';
import { requireSession } from '../api/requireSession';
import { Frame } from '../frame/Frame';
import { loadTexts } from '../i18n';

/** Everything behind sign-in. Its pages may rely on the account being loaded. */
export const Route = createFileRoute('/_in')({
  beforeLoad: ({ location }) => requireSession(location.href),
  loader: async ({ context }) => {
    // The texts of the dialog that opens when the session ends.
    await Promise.all([context.queryClient.ensureQueryData(getAccountOptions()), loadTexts('signIn')]);
  },
  component: Frame,
});
