import { createFileRoute, redirect } from '@tanstack/react-router';
import { listOwnOrganizations } from '@trellis/client';
import { getAccountOptions } from '@trellis/client/react-query';
import { isStaff } from '../api/access';
import { NotFound } from '../frame/Problem';

/** Leads staff to the organizations, and members into theirs. */
export const Route = createFileRoute('/_in/')({
  loader: async ({ context }) => {
    if (isStaff(await context.queryClient.ensureQueryData(getAccountOptions())))
      throw redirect({ to: '/organizations', replace: true });
    const [only] = (await listOwnOrganizations({ query: { limit: 1 } })).data.items;
    if (only) throw redirect({ to: '/o/$slug', params: { slug: only.slug }, replace: true });
  },
  component: NotFound,
});
