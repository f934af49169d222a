import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/index.js';

/** Counts the holders of a role, by kind. */
export interface RoleUse {
  members: number;
  invitations: number;
  accessRules: number;
}

interface Holders {
  counted: keyof RoleUse;
  table: string;
  /** Condition for rows `t` that still grant something. */
  counts?: string;
  /** Rows without a version are never edited. */
  versioned: boolean;
  /** Tables of the operator can only refer to roles that the operator publishes. */
  ofOperator?: true;
}

/** Every table with `role_ids`. */
const HOLDERS: readonly Holders[] = [
  { counted: 'members', table: 'organization_members', versioned: true },
  { counted: 'invitations', table: 'organization_invitations', counts: "t.state = 'pending'", versioned: true },
  { counted: 'accessRules', table: 'organization_access_rules', versioned: true },
  { counted: 'accessRules', table: 'operator_access_rules', versioned: true, ofOperator: true },
];

/** Builds the condition. $1 is the role, the last parameter the organization, if it is limited to one. */
const holding = ({ counts }: Holders, organization: string | null): string =>
  ['t.role_ids @> array[$1]', counts, organization && `t.organization_id = ${organization}`]
    .filter(Boolean)
    .join(' and ');

const inScope = (organizationId: string | null): readonly Holders[] =>
  HOLDERS.filter(({ ofOperator }) => !ofOperator || organizationId === null);

export const isInUse = (use: RoleUse): boolean => Object.values(use).some((number) => number > 0);

/**
 * Counts and replaces the uses of a role in one organization or, for a template (`organizationId` null), in all. Writes to
 * tables of other modules, which all store role ids in the same way (docs/decisions/0010).
 */
@Injectable()
export class RoleUseStore {
  async count(tx: Tx, roleId: string, organizationId: string | null): Promise<RoleUse> {
    const use: RoleUse = { members: 0, invitations: 0, accessRules: 0 };
    for (const holders of inScope(organizationId)) {
      const row = await tx.one<{ total: number }>(
        `select count(*)::int as total from ${holders.table} t where ${holding(holders, organizationId && '$2')}`,
        [roleId, ...(organizationId ? [organizationId] : [])],
      );
      use[holders.counted] += row.total;
    }
    return use;
  }

  async replace(tx: Tx, from: string, to: string, organizationId: string | null): Promise<void> {
    for (const holders of inScope(organizationId)) {
      await tx.execute(
        `update ${holders.table} t set
           role_ids = array(select distinct unnest(array_replace(t.role_ids, $1, $2)) order by 1)
           ${holders.versioned ? ', version = t.version + 1' : ''}
         where ${holding(holders, organizationId && '$3')}`,
        [from, to, ...(organizationId ? [organizationId] : [])],
      );
    }
  }
}
