import { createFileRoute } from '@tanstack/react-router';
import { AuditPage } from '../audit/AuditPage';
import { auditLog, auditSearch, filterOf } from '../audit/level';
import { loadTexts } from '../i18n';

export const Route = createFileRoute('/_in/o/$slug/audit')({
  validateSearch: auditSearch,
  loaderDeps: ({ search }) => filterOf(search),
  loader: async ({ context: { queryClient, organization }, deps }) => {
    void queryClient.prefetchInfiniteQuery(auditLog({ orgId: organization.id }, deps));
    await loadTexts('audit', 'events', 'eventNames');
  },
  component: OrganizationAudit,
});

function OrganizationAudit() {
  const { organization } = Route.useRouteContext();
  const navigate = Route.useNavigate();
  return (
    <AuditPage
      level={{ orgId: organization.id }}
      search={Route.useSearch()}
      onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
      fileName={organization.slug}
    />
  );
}
