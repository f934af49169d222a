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

@Injectable()
export class OperatorOverviewStore {
  /** Partial indexes serve the two rare states, and an index alone the number of all organizations. */
  facts(reader: Reader, operatorId: string): Promise<OperatorFacts> {
    return reader.one<OperatorFacts>(
      `select (select count(*)::int from organizations o where o.operator_id = $1) as organizations,
         (select count(*)::int from organizations o
           where o.operator_id = $1 and ${inLifecycleStatus('o', 'suspended')}) as suspended,
         (select count(*)::int from organizations o
           where o.operator_id = $1 and ${inLifecycleStatus('o', 'pending_deletion')}) as "pendingDeletion",
         exists (select from operator_settings s
           where s.operator_id = $1 and s.kind = 'branding' and s."values" <> '{}') as branded,
         exists (select from organizations o where o.operator_id = $1 and (
           exists (select from organization_members m where m.organization_id = o.id and m.role = 'admin')
           or exists (select from organization_invitations i where i.organization_id = o.id and i.role = 'admin'))) as "hasAdmin"`,
      [operatorId],
    );
  }
}
