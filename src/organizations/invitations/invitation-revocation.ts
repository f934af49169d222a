import { Injectable } from '@nestjs/common';
import { type Actor, includesRole, ROLES } from '../../common/access/index.js';
import type { Tx } from '../../common/database/index.js';
import { Events } from '../../events/index.js';
import { InvitationStore } from './invitation.store.js';

/** Takes back what somebody could not send any more. */
@Injectable()
export class InvitationRevocation {
  constructor(
    private readonly store: InvitationStore,
    private readonly events: Events,
  ) {}

  /** Call it after a change of somebody's role, in the same `tx` and under the organization's lock. */
  async revokeLost(tx: Tx, actor: Actor, organizationId: string, userId: string): Promise<void> {
    const role = await this.store.roleOf(tx, organizationId, userId);
    const grantable = includesRole(role, 'manager') ? ROLES.filter((one) => includesRole(role, one)) : [];
    const revoked = await this.store.revokeOf(tx, organizationId, userId, grantable);
    for (const { id, email, role: invited } of revoked) {
      await this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        {
          type: 'invitation.revoked',
          actor,
          subject: { type: 'invitation', id },
          before: { email, role: invited },
          after: { reason: 'inviter_lost_right' },
        },
      );
    }
  }
}
