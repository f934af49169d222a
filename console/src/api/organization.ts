import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { getOrganization, listOrganizations, listOwnOrganizations, type OrganizationView } from '@trellis/client';
import { getAccountOptions } from '@trellis/client/react-query';
import { isStaff, organizationAccess, useAccount } from './access';
import { Refused } from './problem';

/**
 * The organization with the slug in the address. Staff find it among all organizations, members among their own, because
 * each may only use one of the lists.
 */
export const organizationBySlug = (slug: string, staff: boolean) =>
  queryOptions({
    queryKey: ['organization', slug],
    queryFn: async ({ signal }): Promise<OrganizationView> => {
      const query = { slug, limit: 1 };
      if (staff) {
        const [found] = (await listOrganizations({ query, signal })).data.items;
        if (found) return found;
      }
      const [own] = (await listOwnOrganizations({ query, signal })).data.items;
      if (!own) throw new Refused({ status: 404, code: 'organizations.not_found', detail: 'No such organization.' });
      return (await getOrganization({ path: { orgId: own.id }, signal })).data;
    },
    staleTime: 30_000,
  });

/** The organization that pages outside of organizations lead members back to: the one opened last, else their first. */
export const homeOrganization = queryOptions({
  queryKey: ['home-organization'],
  queryFn: async ({ signal }): Promise<Pick<OrganizationView, 'id' | 'slug' | 'name'> | null> =>
    (await listOwnOrganizations({ query: { limit: 1 }, signal })).data.items[0] ?? null,
  staleTime: Infinity,
  gcTime: Infinity,
});

/** The organization in the address, undefined elsewhere and while it loads. */
export function useCurrentOrganization(): OrganizationView | undefined {
  const { slug } = useParams({ strict: false });
  const staff = isStaff(useAccount());
  return useQuery({ ...organizationBySlug(slug ?? '', staff), enabled: slug !== undefined }).data;
}

/** Loads the organization with this slug, and what the user may do in it. */
export async function openOrganization(queryClient: QueryClient, slug: string): Promise<OrganizationView> {
  const account = await queryClient.ensureQueryData(getAccountOptions());
  const organization = await queryClient.fetchQuery(organizationBySlug(slug, isStaff(account)));
  await queryClient.fetchQuery(organizationAccess(organization.id));
  queryClient.setQueryData(homeOrganization.queryKey, organization);
  return organization;
}
