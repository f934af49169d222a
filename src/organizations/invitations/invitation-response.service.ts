import { Injectable } from '@nestjs/common';
import type { Actor } from '../../common/access/index.js';
import { hashSecret } from '../../common/crypto/index.js';
import type { Reader, Tx } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import type { OrganizationRow } from '../organization.dto.js';
import { organizationErrors } from '../organization.errors.js';
import { OrganizationService } from '../organization.service.js';
import { RoleResolver } from '../roles/role-resolver.js';
import { FormerMemberStore } from '../former-members/former-member.store.js';
import { invitationErrors } from './invitation.errors.js';
import { InvitationStore } from './invitation.store.js';
import type { InvitationRow } from './invitation.types.js';

export interface OpenInvitation {
  invitation: InvitationRow;
  organization: OrganizationRow;
}

/** Lets the holder of an invitation token view, accept or decline it. */
@Injectable()
export class InvitationResponseService {
  constructor(
    private readonly store: InvitationStore,
    private readonly organizations: OrganizationService,
    private readonly roles: RoleResolver,
    private readonly former: FormerMemberStore,
    private readonly events: EventService,
  ) {}

  /** Returns the pending invitation of a token without consuming it. */
  async getByToken(reader: Reader, operatorId: string, token: string): Promise<OpenInvitation> {
    const invitation = await this.find(reader, operatorId, token);
    const organization = await this.organizations.get(reader, [invitation.organizationId]);
    assertOpen(invitation, organization);
    return { invitation, organization };
  }

  /** Locks the organization until `tx` ends and reads the invitation again, so that it stays open. */
  async lock(tx: Tx, token: string, { organization: { id, operatorId } }: OpenInvitation): Promise<OpenInvitation> {
    const organization = await this.organizations.lock(tx, id);
    const invitation = await this.find(tx, operatorId, token);
    assertOpen(invitation, organization);
    return { invitation, organization };
  }

  /** Requires that the sender may still invite. Runs under the organization's lock. */
  async assertInviter(tx: Tx, invitation: InvitationRow): Promise<void> {
    if (!(await this.mayStillInvite(tx, invitation))) throw invitationErrors.inviter_lost_right();
  }

  private async mayStillInvite(tx: Tx, invitation: InvitationRow): Promise<boolean> {
    const { organizationId, invitedBy } = invitation;
    if (await this.store.governedByStaff(tx, organizationId, invitedBy)) return true;
    const inviter = await this.roles.holder(tx, organizationId, invitedBy);
    const may = await this.roles.mayGrant(tx, organizationId, inviter, invitation);
    return may && inviter.permissions.has('invitations:create');
  }

  /**
   * Finds the pending invitation for a user whose address was verified in another way, unless its sender may no longer invite
   * or the user left or was removed after it. Runs under the organization's lock.
   */
  async waitingFor(
    tx: Tx,
    organizationId: string,
    { id: userId, email }: { id: string; email: string },
  ): Promise<InvitationRow | null> {
    const invitation = await this.store.findPendingFor(tx, organizationId, email);
    if (!invitation || !(await this.mayStillInvite(tx, invitation))) return null;
    const former = await this.former.find(tx, organizationId, userId);
    return former && former.since >= invitation.createdAt ? null : invitation;
  }

  /** Accepts the invitation. Of concurrent requests, one succeeds. */
  async accept(tx: Tx, actor: Actor & { userId: string }, invitation: InvitationRow): Promise<void> {
    const { organizationId, id } = invitation;
    if (!(await this.store.settle(tx, organizationId, id, 'accepted', actor.userId))) throw invitationErrors.accepted();
    await this.record(tx, actor, invitation, 'accepted');
  }

  /** Declines the invitation, also an expired one. */
  async decline(tx: Tx, actor: Actor, operatorId: string, token: string): Promise<void> {
    const { organizationId } = await this.find(tx, operatorId, token);
    const organization = await this.organizations.lock(tx, organizationId);
    if (organization.deletedAt) throw invitationErrors.not_found();
    const invitation = await this.find(tx, operatorId, token);
    if (invitation.state !== 'pending') throw invitationErrors[invitation.state]();
    await this.store.settle(tx, organizationId, invitation.id, 'declined');
    await this.record(tx, actor, invitation, 'declined');
  }

  private async find(reader: Reader, operatorId: string, token: string): Promise<InvitationRow> {
    const invitation = await this.store.findByToken(reader, operatorId, hashSecret(token));
    if (!invitation) throw invitationErrors.not_found();
    return invitation;
  }

  private record(tx: Tx, actor: Actor, invitation: InvitationRow, what: 'accepted' | 'declined'): Promise<void> {
    const { organizationId, id, email, role, acceptedBy } = invitation;
    return this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      {
        type: `invitation.${what}`,
        actor,
        subject: { type: 'invitation', id },
        after: { email, role, ...(what === 'accepted' && { acceptedBy: acceptedBy ?? actor.userId }) },
      },
    );
  }
}

/** Rejects invitations that were answered or have expired, and those of deleted or suspended organizations. */
function assertOpen({ status }: InvitationRow, { deletedAt, suspendedAt }: OrganizationRow): void {
  if (deletedAt) throw invitationErrors.not_found();
  if (suspendedAt) throw organizationErrors.suspended();
  if (status !== 'pending') throw invitationErrors[status]();
}
