import { useQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { listRoleTemplates } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { AccessRulesPage } from '../access-rules/AccessRulesPage';
import { operatorRules, ruleSearch } from '../access-rules/level';
import { useCan } from '../api/access';
import { loadTexts } from '../i18n';
import { useRoleName } from '../members/grants';

/** Functional roles of the product, which every organization has. */
const FUNCTIONAL = ['billing_admin', 'user_admin'] as const;

export const Route = createFileRoute('/_in/operator/access-rules')({
  validateSearch: ruleSearch,
  loader: async ({ context: { queryClient } }) => {
    void queryClient.prefetchInfiniteQuery(operatorRules.list);
    await loadTexts('accessRules', 'membership');
  },
  component: OperatorAccessRules,
});

function OperatorAccessRules() {
  const { t } = useTranslation('accessRules');
  const navigate = Route.useNavigate();
  const can = useCan();
  const roleName = useRoleName();
  const templates = useQuery({
    queryKey: ['role-templates', 'choices'],
    queryFn: async ({ signal }) => (await listRoleTemplates({ query: { limit: 100 }, signal })).data.items,
    enabled: can(requires.listRoleTemplates),
  }).data;
  return (
    <AccessRulesPage
      level={operatorRules}
      description={t('operatorDescription')}
      choices={{
        roles: ['user', 'manager', 'admin'],
        additional: [
          ...FUNCTIONAL.map((key) => ({ value: key, label: roleName({ key, name: key }) })),
          ...(templates ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ],
      }}
      mayEdit={can(requires.createOperatorAccessRule)}
      open={Route.useSearch().rule}
      show={(rule) => void navigate({ search: rule ? { rule } : {} })}
    />
  );
}
