import { createFileRoute, Outlet } from '@tanstack/react-router';
import { loadTexts } from '../i18n';
import { LifecycleBanner } from '../organizations/LifecycleBanner';
import { OrganizationProblem } from '../organizations/OrganizationProblem';

/** The pages of one organization. They find it in the context of their route: `Route.useRouteContext().organization`. */
export const Route = createFileRoute('/_in/o/$slug')({
  beforeLoad: async ({ context: { queryClient }, params: { slug } }) => {
    // Imported when needed, because this function is part of the first file that the browser loads.
    const { openOrganization } = await import('../api/organization');
    const [organization] = await Promise.all([openOrganization(queryClient, slug), loadTexts('lifecycle')]);
    return { organization };
  },
  errorComponent: OrganizationProblem,
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
