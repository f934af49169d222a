import { createFileRoute } from '@tanstack/react-router';
import { AuditPage } from '../audit/AuditPage';
import { auditLog, auditSearch, filterOf } from '../audit/level';
import { loadTexts } from '../i18n';
import { start } from '../start';

export const Route = createFileRoute('/_in/operator/audit')({
  validateSearch: auditSearch,
  loaderDeps: ({ search }) => filterOf(search),
  loader: async ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchInfiniteQuery(auditLog(undefined, deps));
    await loadTexts('audit', 'events', 'eventNames');
  },
  component: OperatorAudit,
});

function OperatorAudit() {
  const navigate = Route.useNavigate();
  return (
    <AuditPage
      level={undefined}
      search={Route.useSearch()}
      onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
      fileName={start.operator.slug}
    />
  );
}
