import { createFileRoute } from '@tanstack/react-router';
import * as requires from '@trellis/client/requires';
import { useCan } from '../api/access';
import { DocumentPage } from '../content/DocumentPage';
import { readPageSearch } from '../content/pageSearch';
import { templateLevel } from '../content/level';
import { documentQuery } from '../content/queries';
import { loadTexts } from '../i18n';

export const Route = createFileRoute('/_in/operator/templates/$id')({
  validateSearch: readPageSearch,
  loader: async ({ context: { queryClient }, params: { id } }) => {
    await Promise.all([queryClient.ensureQueryData(documentQuery(templateLevel, id)), loadTexts('documents')]);
  },
  component: Template,
});

function Template() {
  const { id } = Route.useParams();
  const navigate = Route.useNavigate();
  return (
    <DocumentPage
      key={id}
      level={templateLevel}
      id={id}
      search={Route.useSearch()}
      setSearch={(next) => void navigate({ search: (before) => ({ ...before, ...next }) })}
      mayEdit={useCan()(requires.createTemplate)}
    />
  );
}
