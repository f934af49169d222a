import { queryOptions, useQuery } from '@tanstack/react-query';
import { type AccountView, getOrganizationAccess } from '@trellis/client';
import { getAccountOptions } from '@trellis/client/react-query';

/** What an operation requires, as `@trellis/client/requires` lists it. */
export interface Requirement {
  readonly level: string;
  readonly permission?: string;
}

/** The user's account. It is loaded before anything behind sign-in renders. */
export const useAccount = (): AccountView | undefined => useQuery({ ...getAccountOptions(), staleTime: 60_000 }).data;

/** Tells whether the user works for the operator, and so sees its pages. */
export const isStaff = (account: AccountView | undefined): boolean =>
  account !== undefined && (account.operatorRole !== null || account.platformAdmin);

const permits = (permissions: readonly string[] | undefined, { permission }: Requirement): boolean =>
  permission === undefined || (permissions?.includes(permission) ?? false);

/** What the caller may do in an organization. */
export const organizationAccess = (orgId: string) =>
  queryOptions({
    queryKey: ['organization-access', orgId],
    queryFn: async ({ signal }) => (await getOrganizationAccess({ path: { orgId }, signal })).data,
    staleTime: 60_000,
  });

/** Tells what the user may do at the operator: `const can = useCan(); can(requires.listOrganizations)`. */
export function useCan(): (requirement: Requirement) => boolean {
  const permissions = useAccount()?.permissions;
  return (requirement) => permits(permissions, requirement);
}

/**
 * Tells what the user may do in an organization or, with `unitId`, in one of its units. The access of the user names the
 * units that they belong to, and what they may do in all others. Operations of the operator
 * (`level: 'operator'`) are answered too.
 */
export function useCanIn(orgId: string | undefined, unitId?: string): (requirement: Requirement) => boolean {
  const atOperator = useCan();
  const access = useQuery({ ...organizationAccess(orgId ?? ''), enabled: orgId !== undefined }).data;
  return (requirement) => {
    if (requirement.level === 'operator' || requirement.level === 'platform') return atOperator(requirement);
    if (requirement.level !== 'unit') return permits(access?.permissions, requirement);
    return permits((unitId && access?.units[unitId]) || access?.allUnits, requirement);
  };
}
