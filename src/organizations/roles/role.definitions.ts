import {
  FUNCTIONAL_ROLES,
  type FunctionalRole,
  holderOf,
  type Permission,
  permissionsOfFunctional,
  ROLES,
  type Role,
} from '../../common/access/index.js';

export const ROLE_KINDS = ['built_in', 'functional', 'template', 'custom'] as const;
export type RoleKind = (typeof ROLE_KINDS)[number];

/** A role that comes with the product. Its id is its key. */
export interface ProductRole {
  key: string;
  name: string;
  description: string;
  kind: 'built_in' | 'functional';
}

const BUILT_IN: Record<Role, Pick<ProductRole, 'name' | 'description'>> = {
  user: { name: 'User', description: 'Works in the organization and in their own units.' },
  manager: { name: 'Manager', description: 'Sees all units, and manages units and members up to manager.' },
  admin: { name: 'Admin', description: 'Has full access to the organization.' },
};

const FUNCTIONAL: Record<FunctionalRole, Pick<ProductRole, 'name' | 'description'>> = {
  billing_admin: { name: 'Billing admin', description: 'Manages subscription, top-ups, invoices and reports.' },
  user_admin: { name: 'User admin', description: 'Manages members, invitations and roles up to manager.' },
};

export const PRODUCT_ROLES: readonly ProductRole[] = [
  ...ROLES.map((key) => ({ key, kind: 'built_in' as const, ...BUILT_IN[key] })),
  ...FUNCTIONAL_ROLES.map((key) => ({ key, kind: 'functional' as const, ...FUNCTIONAL[key] })),
];

export const isBuiltIn = (ref: string): ref is Role => (ROLES as readonly string[]).includes(ref);
export const isFunctional = (ref: string): ref is FunctionalRole =>
  (FUNCTIONAL_ROLES as readonly string[]).includes(ref);

export const permissionsOfProductRole = (key: string): readonly Permission[] => {
  if (isBuiltIn(key)) return [...holderOf(key).permissions];
  return isFunctional(key) ? permissionsOfFunctional(key) : [];
};
