import { createFileRoute } from '@tanstack/react-router';
import { listApiKeys, revokeApiKey } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { pages, useList } from '../api/pages';
import { ApiKeyForm } from '../api-keys/ApiKeyForm';
import { ApiKeyList } from '../api-keys/ApiKeyList';
import { type ApiKeySearch, filtersOf, readSearch } from '../api-keys/search';
import { loadTexts } from '../i18n';

const keysOf = (orgId: string, search: ApiKeySearch) =>
  pages(['api-keys', orgId, filtersOf(search)], (page, signal) =>
    listApiKeys({ path: { orgId }, query: { ...page, ...filtersOf(search) }, signal }),
  );

export const Route = createFileRoute('/_in/o/$slug/api-keys')({
  validateSearch: readSearch,
  loaderDeps: ({ search: { q, status, sort } }) => ({ q, status, sort }),
  loader: async ({ context: { queryClient, organization }, deps }) => {
    void queryClient.prefetchInfiniteQuery(keysOf(organization.id, deps));
    await loadTexts('apiKeys', 'membership', 'roles', 'permissions');
  },
  component: ApiKeys,
});

function ApiKeys() {
  const { t } = useTranslation('apiKeys');
  const { id: orgId } = Route.useRouteContext().organization;
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const can = useCanIn(orgId);
  return (
    <ApiKeyList
      list={useList(keysOf(orgId, search))}
      search={search}
      setSearch={(next, replace = false) => void navigate({ search: (before) => ({ ...before, ...next }), replace })}
      emptyText={t('emptyText')}
      mayCreate={can(requires.createApiKey)}
      form={(onCreated) => <ApiKeyForm orgId={orgId} onCreated={onCreated} />}
      mayRevoke={can(requires.revokeApiKey)}
      revoke={({ id }) => revokeApiKey({ path: { orgId, apiKeyId: id } })}
      queryKey={['api-keys', orgId]}
    />
  );
}
