import { createFileRoute } from '@tanstack/react-router';
import { getAccountOptions } from '@trellis/client/react-query';
import { requireSession } from '../api/requireSession';
import { loadTexts } from '../i18n';
import { ChooseDuringSignIn } from '../sign-in/ChooseDuringSignIn';
import { ChooseOwnOrganization, ownOrganizations } from '../sign-in/ChooseOwnOrganization';
import { readPending } from '../sign-in/pending';

interface Search {
  q?: string;
  create?: true;
}

/** Chooses an organization: during a sign-in that needs one, and later to go to another one. */
export const Route = createFileRoute('/choose')({
  validateSearch: ({ q, create }: Record<string, unknown>): Search => ({
    ...(typeof q === 'string' && q && { q }),
    ...(create === true && { create }),
  }),
  beforeLoad: async ({ location }) => {
    const pending = readPending();
    if (pending?.step.name === 'choice') return { pending: { ...pending, step: pending.step } };
    await requireSession(location.href);
    return { pending: null };
  },
  loaderDeps: ({ search: { q } }) => ({ q }),
  loader: async ({ context: { queryClient, pending }, deps: { q } }) => {
    await loadTexts('signIn');
    if (pending) return;
    void queryClient.prefetchInfiniteQuery(ownOrganizations(q));
    await queryClient.ensureQueryData(getAccountOptions());
  },
  component: Choose,
});

function Choose() {
  const { pending } = Route.useRouteContext();
  const { q = '', create = false } = Route.useSearch();
  const navigate = Route.useNavigate();
  if (pending) return <ChooseDuringSignIn pending={pending} />;
  return (
    <ChooseOwnOrganization
      q={q}
      onSearch={(value) => void navigate({ search: (before) => ({ ...before, q: value || undefined }), replace: true })}
      creates={create}
      onCreates={(opened) => void navigate({ search: { ...(q && { q }), ...(opened && { create: true }) } })}
    />
  );
}
