import { Injectable } from '@nestjs/common';
import type { Actor } from '../../common/access/index.js';
import type { Tx } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import { RoleResolver } from '../roles/role-resolver.js';
import { InvitationStore } from './invitation.store.js';

/** Revokes invitations whose sender is no longer allowed to send them. */
@Injectable()
export class InvitationRevocationService {
  constructor(
    private readonly store: InvitationStore,
    private readonly roles: RoleResolver,
    private readonly events: EventService,
  ) {}

  /** Call this after a change of the sender's role, in the same `tx` and under the organization's lock. */
  async revokeLost(tx: Tx, actor: Actor, organizationId: string, userId: string): Promise<void> {
    const pending = await this.store.pendingOf(tx, organizationId, userId);
    if (pending.length === 0) return;
    const inviter = await this.roles.holder(tx, organizationId, userId);
    const invites = inviter.permissions.has('invitations:create');
    for (const invitation of pending) {
      if (invites && (await this.roles.mayGrant(tx, organizationId, inviter, invitation))) continue;
      const { id, email, role } = invitation;
      await this.store.settle(tx, organizationId, id, 'revoked');
      await this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        {
          type: 'invitation.revoked',
          actor,
          subject: { type: 'invitation', id },
          before: { email, role },
          after: { reason: 'inviter_lost_right' },
        },
      );
    }
  }
}
