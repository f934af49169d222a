import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/index.js';
import { liveApiKeySql } from '../api-keys/api-key.store.js';

/** How often a role is held, by whom. */
export interface RoleUse {
  members: number;
  invitations: number;
  accessRules: number;
  apiKeys: number;
}

interface Holders {
  counted: keyof RoleUse;
  table: string;
  /** Of its rows, `t`, those that still give somebody something. */
  counts?: string;
  /** Rows without a version are never edited by people. */
  versioned: boolean;
  /** Not below an organization: only what the operator publishes can stand there. */
  ofOperator?: true;
}

/** Every table with `role_ids`. */
const HOLDERS: readonly Holders[] = [
  { counted: 'members', table: 'organization_members', versioned: true },
  { counted: 'invitations', table: 'organization_invitations', counts: "t.state = 'pending'", versioned: true },
  { counted: 'accessRules', table: 'organization_access_rules', versioned: true },
  { counted: 'accessRules', table: 'operator_access_rules', versioned: true, ofOperator: true },
  { counted: 'apiKeys', table: 'organization_api_keys', counts: liveApiKeySql('t'), versioned: false },
];

/** $1 is the role, and the last parameter the organization where it is looked for, if it is looked for in one. */
const holding = ({ counts }: Holders, organization: string | null): string =>
  ['t.role_ids @> array[$1]', counts, organization && `t.organization_id = ${organization}`]
    .filter(Boolean)
    .join(' and ');

const inScope = (organizationId: string | null): readonly Holders[] =>
  HOLDERS.filter(({ ofOperator }) => !ofOperator || organizationId === null);

export const isInUse = (use: RoleUse): boolean => Object.values(use).some((number) => number > 0);

/**
 * Who holds a role, in one organization or, for a template (`organizationId` null), in all of them. It writes to tables of
 * the rooms beside it, all of which keep the ids of roles in the same way (docs/decisions/0010).
 */
@Injectable()
export class RoleUseStore {
  async count(tx: Tx, roleId: string, organizationId: string | null): Promise<RoleUse> {
    const use: RoleUse = { members: 0, invitations: 0, accessRules: 0, apiKeys: 0 };
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
