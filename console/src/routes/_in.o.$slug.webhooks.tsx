import { createFileRoute } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { loadTexts } from '../i18n';
import { organizationWebhooks, readSearch } from '../webhooks/level';
import { WebhooksPage } from '../webhooks/WebhooksPage';

export const Route = createFileRoute('/_in/o/$slug/webhooks')({
  validateSearch: readSearch,
  loader: async ({ context: { queryClient, organization } }) => {
    void queryClient.prefetchInfiniteQuery(organizationWebhooks(organization.id).list);
    await loadTexts('webhooks');
  },
  component: Webhooks,
});

function Webhooks() {
  const { t } = useTranslation('webhooks');
  const { id: orgId } = Route.useRouteContext().organization;
  const navigate = Route.useNavigate();
  const level = organizationWebhooks(orgId);
  return (
    <WebhooksPage
      level={level}
      description={t('description')}
      search={Route.useSearch()}
      setSearch={(search) => void navigate({ search })}
      mayEdit={useCanIn(orgId)(level.editRequires)}
    />
  );
}
