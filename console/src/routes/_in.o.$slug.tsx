import { createFileRoute, Outlet } from '@tanstack/react-router';
import { getAccountOptions } from '@trellis/client/react-query';
import { isStaff, organizationAccess } from '../api/access';
import { organizationBySlug } from '../api/organization';
import { loadTexts } from '../i18n';
import { LifecycleBanner } from '../organizations/LifecycleBanner';

/** The pages of one organization. They find it in the context of their route: `Route.useRouteContext().organization`. */
export const Route = createFileRoute('/_in/o/$slug')({
  beforeLoad: async ({ context: { queryClient }, params: { slug } }) => {
    const account = await queryClient.ensureQueryData(getAccountOptions());
    const organization = await queryClient.fetchQuery(organizationBySlug(slug, isStaff(account)));
    await Promise.all([queryClient.fetchQuery(organizationAccess(organization.id)), loadTexts('lifecycle')]);
    return { organization };
  },
  component: Organization,
});

function Organization() {
  const { organization } = Route.useRouteContext();
  return (
    <>
      <LifecycleBanner organization={organization} />
      <Outlet />
    </>
  );
}
