import { queryOptions, useQuery } from '@tanstack/react-query';
import { listMembers, listRoles, type OrganizationMemberView, type Role, type RoleView } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { organizationAccess, useCanIn } from '../api/access';

/** Built-in roles, from the weakest to the strongest. */
const RANKS: readonly Role[] = ['user', 'manager', 'admin'];
const rankOf = (role: Role): number => RANKS.indexOf(role);

/** Returns the roles up to this one. */
export const atMost = (role: Role): readonly Role[] => RANKS.slice(0, rankOf(role) + 1);

const OF_PRODUCT = [...RANKS, 'billing_admin', 'user_admin'] as const;
const isOfProduct = (key: string): key is (typeof OF_PRODUCT)[number] =>
  (OF_PRODUCT as readonly string[]).includes(key);

/** All roles of an organization. There are at most a few hundred. */
export const rolesOf = (orgId: string) =>
  queryOptions({
    queryKey: ['roles', orgId],
    queryFn: async ({ signal }) => {
      const found: RoleView[] = [];
      for (let cursor: string | undefined; ;) {
        const query = { limit: 100, ...(cursor && { cursor }) };
        const { items, nextCursor } = (await listRoles({ path: { orgId }, query, signal })).data;
        found.push(...items);
        if (!nextCursor) return found;
        cursor = nextCursor;
      }
    },
    staleTime: 30_000,
  });

/** The only admin who can sign in, null if there are several. The organization must keep one. */
export const lastAdminOf = (orgId: string) =>
  queryOptions({
    queryKey: ['members', orgId, 'last-admin'],
    queryFn: async ({ signal }) => {
      const query = { role: 'admin', status: 'active', limit: 2 } as const;
      const { items } = (await listMembers({ path: { orgId }, query, signal })).data;
      return items.length === 1 ? (items[0]?.userId ?? null) : null;
    },
  });

/** Returns a function that names a role: those of the product in the user's language, others as they are called. */
export function useRoleName(): (role: Pick<RoleView, 'key' | 'name'>) => string {
  const { t } = useTranslation('membership');
  return ({ key, name }) => (isOfProduct(key) ? t(`role.${key}`) : name);
}

/** Returns a function that describes a role, like `useRoleName`. */
export function useRoleText(): (role: Pick<RoleView, 'key' | 'description'>) => string | null {
  const { t } = useTranslation('membership');
  return ({ key, description }) => (isOfProduct(key) ? t(`roleText.${key}`) : description);
}

type Held = Pick<OrganizationMemberView, 'role' | 'roles' | 'userId'>;

/** Tells which roles the user may give and take in an organization. The server applies the same rules. */
export function useGrants(orgId: string) {
  const can = useCanIn(orgId);
  const listed = useQuery({ ...rolesOf(orgId), enabled: can(requires.listRoles) }).data;
  const access = useQuery(organizationAccess(orgId)).data;
  const roles = listed ?? [];
  const grantable = (id: string) => roles.find((one) => one.id === id)?.grantable ?? false;
  const revocable = (role: Role): boolean =>
    access !== undefined &&
    (rankOf(role) <= rankOf(access.role) || (role !== 'admin' && access.permissions.includes('members:grantManager')));
  const mayTake = ({ role, roles: more }: Held) => revocable(role) && more.every(({ id }) => grantable(id));
  return {
    /** Built-in roles that the user may give to a new member. Without the list of roles only the weakest is offered. */
    forNew: RANKS.filter((role) => (listed ? grantable(role) : role === 'user')),
    /** Functional and custom roles. */
    additional: roles.filter(({ kind }) => kind !== 'built_in'),
    mayChange: (member: Held) => can(requires.changeMemberRole) && listed !== undefined && mayTake(member),
    mayRemove: (member: Held) => can(requires.removeMember) && mayTake(member),
    /** Built-in roles that the user may give to this member, with the one that they have. */
    forMember: ({ role }: Held) =>
      RANKS.filter(
        (one) => one === role || (rankOf(one) > rankOf(role) ? grantable(one) : revocable(role) && revocable(one)),
      ),
  };
}
