import { createFileRoute } from '@tanstack/react-router';
import { getAccountOptions } from '@trellis/client/react-query';
import { requireSession } from '../api/requireSession';
import { loadTexts } from '../i18n';
import { DevicePage } from '../sign-in/DevicePage';

/** Lets in a program on a machine without a browser, which shows a code (RFC 8628). */
export const Route = createFileRoute('/device')({
  validateSearch: ({ code }: Record<string, unknown>): { code?: string } =>
    typeof code === 'string' && code ? { code } : {},
  beforeLoad: ({ location }) => requireSession(location.href),
  loader: async ({ context }) => {
    await Promise.all([context.queryClient.ensureQueryData(getAccountOptions()), loadTexts('signIn')]);
  },
  component: Device,
});

function Device() {
  const { code } = Route.useSearch();
  const navigate = Route.useNavigate();
  return <DevicePage key={code} code={code} onCode={(next) => void navigate({ search: next ? { code: next } : {} })} />;
}
