import { createFileRoute, redirect } from '@tanstack/react-router';
import { listOwnOrganizations } from '@trellis/client';
import { getAccountOptions } from '@trellis/client/react-query';
import { isStaff } from '../api/access';

/** Leads staff to the organizations, and members into theirs or to the choice. */
export const Route = createFileRoute('/_in/')({
  loader: async ({ context }) => {
    if (isStaff(await context.queryClient.ensureQueryData(getAccountOptions())))
      throw redirect({ to: '/organizations', replace: true });
    const [only, ...others] = (await listOwnOrganizations({ query: { limit: 2 } })).data.items;
    if (only && others.length === 0) throw redirect({ to: '/o/$slug', params: { slug: only.slug }, replace: true });
    throw redirect({ to: '/choose', replace: true });
  },
});
