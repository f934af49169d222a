import { createFileRoute } from '@tanstack/react-router';
import { listOperatorApiKeys, revokeOperatorApiKey } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { pages, useList } from '../api/pages';
import { ApiKeyList } from '../api-keys/ApiKeyList';
import { OperatorApiKeyForm } from '../api-keys/OperatorApiKeyForm';
import { type ApiKeySearch, filtersOf, readSearch } from '../api-keys/search';
import { loadTexts } from '../i18n';

const keysOf = (search: ApiKeySearch) =>
  pages(['operator-api-keys', filtersOf(search)], (page, signal) =>
    listOperatorApiKeys({ query: { ...page, ...filtersOf(search) }, signal }),
  );

export const Route = createFileRoute('/_in/operator/api-keys')({
  validateSearch: readSearch,
  loaderDeps: ({ search: { q, status, sort } }) => ({ q, status, sort }),
  loader: async ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchInfiniteQuery(keysOf(deps));
    await loadTexts('apiKeys', 'membership', 'roles', 'permissions');
  },
  component: OperatorApiKeys,
});

function OperatorApiKeys() {
  const { t } = useTranslation('apiKeys');
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const can = useCan();
  return (
    <ApiKeyList
      list={useList(keysOf(search))}
      search={search}
      setSearch={(next, replace = false) => void navigate({ search: (before) => ({ ...before, ...next }), replace })}
      emptyText={t('operatorEmptyText')}
      mayCreate={can(requires.createOperatorApiKey)}
      form={(onCreated) => <OperatorApiKeyForm onCreated={onCreated} />}
      mayRevoke={can(requires.revokeOperatorApiKey)}
      revoke={({ id }) => revokeOperatorApiKey({ path: { apiKeyId: id } })}
      queryKey={['operator-api-keys']}
    />
  );
}
