import { createFileRoute } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { loadTexts } from '../i18n';
import { operatorWebhooks, readSearch } from '../webhooks/level';
import { WebhooksPage } from '../webhooks/WebhooksPage';

export const Route = createFileRoute('/_in/operator/webhooks')({
  validateSearch: readSearch,
  loader: async ({ context: { queryClient } }) => {
    void queryClient.prefetchInfiniteQuery(operatorWebhooks.list);
    await loadTexts('webhooks');
  },
  component: OperatorWebhooks,
});

function OperatorWebhooks() {
  const { t } = useTranslation('webhooks');
  const navigate = Route.useNavigate();
  return (
    <WebhooksPage
      level={operatorWebhooks}
      description={t('operatorDescription')}
      search={Route.useSearch()}
      setSearch={(search) => void navigate({ search })}
      mayEdit={useCan()(operatorWebhooks.editRequires)}
    />
  );
}
