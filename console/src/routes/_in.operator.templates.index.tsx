import { createFileRoute } from '@tanstack/react-router';
import * as requires from '@trellis/client/requires';
import { useCan } from '../api/access';
import { DocumentsPage } from '../content/DocumentsPage';
import { templateLevel, readSearch } from '../content/level';
import { loadTexts } from '../i18n';

export const Route = createFileRoute('/_in/operator/templates/')({
  validateSearch: readSearch,
  loaderDeps: ({ search: { q, state, sort } }) => ({ q, state, sort }),
  loader: async ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchInfiniteQuery(templateLevel.list(deps));
    await loadTexts('documents');
  },
  component: Templates,
});

function Templates() {
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <DocumentsPage
      level={templateLevel}
      search={search}
      setSearch={(next, replace = false) => void navigate({ search: (before) => ({ ...before, ...next }), replace })}
      mayEdit={useCan()(requires.createTemplate)}
    />
  );
}
