import { createFileRoute } from '@tanstack/react-router';
import * as requires from '@trellis/client/requires';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { AccessRulesPage } from '../access-rules/AccessRulesPage';
import { organizationRules, ruleSearch } from '../access-rules/level';
import { useCanIn } from '../api/access';
import { loadTexts } from '../i18n';
import { useGrants, useRoleName } from '../members/grants';

export const Route = createFileRoute('/_in/o/$slug/access-rules')({
  validateSearch: ruleSearch,
  loader: async ({ context: { queryClient, organization } }) => {
    void queryClient.prefetchInfiniteQuery(organizationRules(organization.id).list);
    await loadTexts('accessRules', 'membership');
  },
  component: OrganizationAccessRules,
});

function OrganizationAccessRules() {
  const { t } = useTranslation('accessRules');
  const { id } = Route.useRouteContext().organization;
  const navigate = Route.useNavigate();
  const can = useCanIn(id);
  const roleName = useRoleName();
  const { forNew, additional } = useGrants(id);
  const level = useMemo(() => organizationRules(id), [id]);
  return (
    <AccessRulesPage
      level={level}
      description={t('description')}
      choices={{
        roles: forNew,
        additional: additional.map((one) => ({ value: one.id, label: roleName(one), disabled: !one.grantable })),
      }}
      mayEdit={can(requires.createAccessRule)}
      open={Route.useSearch().rule}
      show={(rule) => void navigate({ search: rule ? { rule } : {} })}
    />
  );
}
