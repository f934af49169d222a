import { createFileRoute, redirect } from '@tanstack/react-router';
import { getAccountOptions } from '@trellis/client/react-query';
import { requireSession } from '../api/requireSession';
import { loadTexts } from '../i18n';
import { programSearch } from '../sign-in/address';
import { ProgramPage } from '../sign-in/ProgramPage';

/** Gives a program on this machine a session, at its loopback address (RFC 8252). */
export const Route = createFileRoute('/sign-in/program')({
  validateSearch: programSearch,
  beforeLoad: async ({ location, search }) => {
    if (!search.redirect_uri || !search.code_challenge) throw redirect({ to: '/sign-in', replace: true });
    await requireSession(location.href);
  },
  loader: async ({ context }) => {
    await Promise.all([context.queryClient.ensureQueryData(getAccountOptions()), loadTexts('signIn')]);
  },
  component: Program,
});

function Program() {
  const { redirect_uri: redirectUri = '', code_challenge: codeChallenge = '', state } = Route.useSearch();
  return <ProgramPage login={{ redirectUri, codeChallenge, ...(state !== undefined && { state }) }} />;
}
