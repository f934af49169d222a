import { Injectable } from '@nestjs/common';
import type { Access, Permission } from '../common/access/index.js';
import { Database } from '../database/index.js';
import { ActivityStore } from './activity.store.js';
import type { OperatorOverviewView, OperatorStep } from './operator-overview.dto.js';
import { OperatorOverviewStore } from './operator-overview.store.js';

/** Sums up an operator for its staff. */
@Injectable()
export class OperatorOverviewService {
  constructor(
    private readonly db: Database,
    private readonly store: OperatorOverviewStore,
    private readonly activity: ActivityStore,
  ) {}

  async of(access: Access): Promise<OperatorOverviewView> {
    const { operator, operatorPermissions: held } = access;
    const { reader } = this.db;
    const [facts, activity] = await Promise.all([
      this.store.facts(reader, operator.id),
      held.has('operator-events:read')
        ? this.activity.newest(reader, { kind: 'operator', id: operator.id }, access)
        : null,
    ]);
    const { organizations, suspended, pendingDeletion, branded, hasAdmin } = facts;
    const steps: [OperatorStep, Permission, boolean][] = [
      ['branding', 'operator-branding:edit', branded],
      ['organization', 'organizations:createForOthers', organizations > 0],
      ['organization_admin', 'organizations:createForOthers', hasAdmin],
    ];
    return {
      organizations: { active: organizations - suspended - pendingDeletion, suspended, pendingDeletion },
      setUp: steps.filter(([, permission]) => held.has(permission)).map(([step, , done]) => ({ step, done })),
      activity,
    };
  }
}
