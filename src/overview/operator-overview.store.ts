import { Injectable } from '@nestjs/common';
import type { Reader } from '../database/index.js';
import { inLifecycleStatus } from '../organizations/index.js';

export interface OperatorFacts {
  organizations: number;
  suspended: number;
  pendingDeletion: number;
  branded: boolean;
  hasAdmin: boolean;
}

/** How many organizations are searched for an admin. Where these have none, a step of the set-up stays open. */
const NEWEST = 1_000;

@Injectable()
export class OperatorOverviewStore {
  /**
   * Partial indexes serve the two rare states, and an index alone the number of all organizations. `offset 0` keeps PostgreSQL
   * from reading the admins of all organizations of all operators at once to look up one.
   */
  facts(reader: Reader, operatorId: string): Promise<OperatorFacts> {
    return reader.one<OperatorFacts>(
      `select (select count(*)::int from organizations o where o.operator_id = $1) as organizations,
         (select count(*)::int from organizations o
           where o.operator_id = $1 and ${inLifecycleStatus('o', 'suspended')}) as suspended,
         (select count(*)::int from organizations o
           where o.operator_id = $1 and ${inLifecycleStatus('o', 'pending_deletion')}) as "pendingDeletion",
         exists (select from operator_settings s
           where s.operator_id = $1 and s.kind = 'branding' and s."values" <> '{}') as branded,
         exists (select from (
             select n.id from organizations n where n.operator_id = $1 order by n.created_at desc, n.id desc limit ${NEWEST}) o
           where exists (select from organization_members m where m.organization_id = o.id and m.role = 'admin' offset 0)
             or exists (select from organization_invitations i where i.organization_id = o.id and i.role = 'admin' offset 0)
         ) as "hasAdmin"`,
      [operatorId],
    );
  }
}
