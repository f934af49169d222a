import { createFileRoute, Outlet } from '@tanstack/react-router';
import { getAccountOptions } from '@trellis/client/react-query';
import { isStaff, organizationAccess } from '../api/access';
import { organizationBySlug } from '../api/organization';

/** The pages of one organization. They find it in the context of their route: `Route.useRouteContext().organization`. */
export const Route = createFileRoute('/_in/o/$slug')({
  beforeLoad: async ({ context: { queryClient }, params: { slug } }) => {
    const account = await queryClient.ensureQueryData(getAccountOptions());
    const organization = await queryClient.ensureQueryData(organizationBySlug(slug, isStaff(account)));
    await queryClient.ensureQueryData(organizationAccess(organization.id));
    return { organization };
  },
  component: Outlet,
});
