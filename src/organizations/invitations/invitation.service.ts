import { Injectable } from '@nestjs/common';
import {
  type Access,
  callerIdOf,
  type Holder,
  holderOf,
  includesRole,
  memberErrors,
  type OrganizationAccess,
  type Permission,
} from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { hashSecret, newSecret } from '../../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { AppError } from '../../common/errors/index.js';
import { newId } from '../../common/ids/index.js';
import type { Page } from '../../common/pagination/index.js';
import { Events } from '../../events/index.js';
import { MailOutbox } from '../../mail/index.js';
import { AuthSettingsService } from '../../settings/index.js';
import { CallerNames } from '../caller-names.js';
import { Organizations } from '../organization.service.js';
import { UnitReferences } from '../unit-references.js';
import { Seats } from '../members/seats.js';
import { HeldRoles } from '../roles/held-roles.js';
import {
  type CreateInvitation,
  DEFAULT_TTL_SECONDS,
  type InvitationQuery,
  type InvitationResult,
  type InvitationView,
  toInvitationView,
} from './invitation.dto.js';
import { invitationErrors, invitationPolicyErrors } from './invitation.errors.js';
import { type InvitationRow, InvitationStore, type Standing } from './invitation.store.js';

/** Mails to one address in an hour, from all organizations of an operator together. */
const MAILS_PER_HOUR = 10;

/** Who sends, as it is under the organization's lock. */
interface Sender {
  access: OrganizationAccess;
  holder: Holder;
  name: string;
  organizationName: string;
}

/** Inviting people by address: sent, sent again and taken back. What becomes of them is in `InvitationAnswers`. */
@Injectable()
export class Invitations {
  constructor(
    private readonly db: Database,
    private readonly store: InvitationStore,
    private readonly organizations: Organizations,
    private readonly names: CallerNames,
    private readonly roles: HeldRoles,
    private readonly seats: Seats,
    private readonly units: UnitReferences,
    private readonly events: Events,
    private readonly mails: MailOutbox,
    private readonly settings: AuthSettingsService,
    private readonly config: Config,
  ) {}

  /** Throws invalid_cursor. */
  async list(access: OrganizationAccess, query: InvitationQuery): Promise<Page<InvitationView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, query);
    return { ...page, items: page.items.map(toInvitationView) };
  }

  /** Throws invitations.not_found. */
  async view(access: OrganizationAccess, id: string): Promise<InvitationView> {
    return toInvitationView(await this.get(this.db.reader, access, id));
  }

  /**
   * Throws invitations.already_pending, invitations.too_many, members.already_member, members.role_above_own,
   * units.not_found, roles.not_found, roles.not_assignable, roles.permission_not_held, organizations.no_seat_left,
   * organizations.pending_deletion, conflict.
   */
  async create(access: OrganizationAccess, input: CreateInvitation): Promise<InvitationView> {
    await this.assertMayInvite(access);
    const invitation = await this.db.transaction(async (tx) => {
      const sender = await this.enter(tx, access, 'invitations:create');
      await this.store.lockRecipients(tx, access.operator.id, [input.email]);
      return this.createIn(tx, sender, input);
    });
    this.mails.wake();
    return invitation;
  }

  /**
   * Staff name who is to be the admin of an organization that is being created; he comes into `unitIds` too. The caller
   * wakes the mails after the commit. Throws invitations.too_many.
   */
  async inviteFirstAdmin(tx: Tx, by: Access, organizationId: string, email: string, unitIds: string[]): Promise<void> {
    const sender = await this.enter(tx, { ...by, organizationId } as OrganizationAccess, 'invitations:create');
    await this.store.lockRecipients(tx, by.operator.id, [email]);
    await this.createIn(tx, sender, { email, role: 'admin', unitIds });
  }

  /** Each has its own outcome. Throws organizations.pending_deletion, conflict: then none was made. */
  async createMany(access: OrganizationAccess, inputs: CreateInvitation[]): Promise<InvitationResult[]> {
    await this.assertMayInvite(access);
    const results = await this.db.transaction(async (tx) => {
      const sender = await this.enter(tx, access, 'invitations:create');
      await this.store.lockRecipients(
        tx,
        access.operator.id,
        inputs.map(({ email }) => email),
      );
      const done: InvitationResult[] = [];
      for (const input of inputs) done.push(await this.tryIn(tx, sender, input));
      return done;
    });
    this.mails.wake();
    return results;
  }

  /** Throws invitations.not_found, .accepted, .declined, .revoked, members.role_above_own, conflict. */
  revoke(access: OrganizationAccess, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const sender = await this.enter(tx, access, 'invitations:revoke');
      const invitation = await this.getPending(tx, sender, id);
      await this.revokeIn(tx, sender, invitation, 'revoked');
    });
  }

  /**
   * A new link that is valid as long as the first was; the old one is dead. Also when it has expired. Throws
   * invitations.not_found, .accepted, .declined, .revoked, .too_many, members.role_above_own, conflict.
   */
  async resend(access: OrganizationAccess, id: string): Promise<InvitationView> {
    await this.assertMayInvite(access);
    const { organizationId, operator, actor } = access;
    const invitation = await this.db.transaction(async (tx) => {
      const sender = await this.enter(tx, access, 'invitations:resend');
      const { email, expiresAt, status } = await this.getPending(tx, sender, id);
      if (status === 'expired') await this.seats.assertFree(tx, organizationId);
      await this.store.lockRecipients(tx, operator.id, [email]);
      assertMailable(await this.store.standing(tx, operator.id, organizationId, email));
      const token = newSecret('tri_');
      await this.store.renew(tx, { organizationId, id, tokenHash: hashSecret(token), invitedBy: callerIdOf(actor) });
      const renewed = await this.get(tx, access, id);
      await this.mail(tx, sender, renewed, token);
      await this.record(tx, sender, renewed, 'resent', {
        before: { expiresAt },
        after: { expiresAt: renewed.expiresAt },
      });
      return toInvitationView(renewed);
    });
    this.mails.wake();
    return invitation;
  }

  /** Locks the organization, and refuses who is not allowed to invite any more since the guard looked. */
  private async enter(tx: Tx, access: OrganizationAccess, permission: Permission): Promise<Sender> {
    const { organizationId, actor } = access;
    const holder = await this.roles.enter(tx, access, permission);
    const { name: organizationName } = await this.organizations.get(tx, [organizationId]);
    const name = await this.names.of(tx, access);
    // Also the first admin is invited by them.
    const governs = actor.userId !== null && (await this.store.governedByStaff(tx, organizationId, actor.userId));
    return { access, holder: governs ? holderOf('admin') : holder, name, organizationName };
  }

  /** Under the lock every refusal comes before the first write, so the transaction can go on after it. */
  private async tryIn(tx: Tx, sender: Sender, input: CreateInvitation): Promise<InvitationResult> {
    const { email } = input;
    try {
      return { email, status: 'created', invitation: await this.createIn(tx, sender, input) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { email, status: 'refused', code: error.code, detail: error.detail };
    }
  }

  private async assertMayInvite({ operator, organizationId, role }: OrganizationAccess): Promise<void> {
    const { invitations } = await this.settings.effective({ operatorId: operator.id, organizationId });
    if (invitations === 'off') throw invitationPolicyErrors.invitations_off();
    if (invitations === 'restricted' && !includesRole(role, 'admin'))
      throw invitationPolicyErrors.invitations_restricted();
  }

  private async createIn(tx: Tx, sender: Sender, input: CreateInvitation): Promise<InvitationView> {
    const { organizationId, operator, actor } = sender.access;
    const { email, role, unitIds = [], message, expiresInSeconds = DEFAULT_TTL_SECONDS, replace = false } = input;
    const roleIds = await this.roles.idsOf(tx, organizationId, input.roleIds ?? []);
    await this.roles.assertMayGrant(tx, organizationId, sender.holder, { role, roleIds });
    await this.units.assertKnown(tx, organizationId, unitIds);
    const standing = await this.store.standing(tx, operator.id, organizationId, email);
    assertInvitable(standing, replace);
    // An open invitation that is replaced leaves its seat.
    if (!standing.pendingId || standing.pendingExpired) await this.seats.assertFree(tx, organizationId);
    if (standing.pendingId) {
      const pending = await this.get(tx, sender.access, standing.pendingId);
      if (!standing.pendingExpired) await this.roles.assertMayGrant(tx, organizationId, sender.holder, pending);
      await this.revokeIn(tx, sender, pending, 'replaced');
    }
    const token = newSecret('tri_');
    const id = newId();
    await this.store.insert(tx, {
      organizationId,
      id,
      email,
      role,
      roleIds,
      unitIds,
      message: message ?? null,
      ttlSeconds: expiresInSeconds,
      tokenHash: hashSecret(token),
      invitedBy: callerIdOf(actor),
    });
    const created = await this.get(tx, sender.access, id);
    await this.mail(tx, sender, created, token);
    const after = { email, role, ...(roleIds.length > 0 && { roleIds }), unitIds, expiresAt: created.expiresAt };
    await this.record(tx, sender, created, 'created', { after });
    return toInvitationView(created);
  }

  private async revokeIn(tx: Tx, sender: Sender, row: InvitationRow, reason: 'revoked' | 'replaced'): Promise<void> {
    const { organizationId, id, email, role } = row;
    await this.store.settle(tx, organizationId, id, 'revoked');
    await this.record(tx, sender, row, 'revoked', { before: { email, role }, after: { reason } });
  }

  private async get(reader: Reader, access: OrganizationAccess, id: string): Promise<InvitationRow> {
    const invitation = await this.store.find(reader, access.organizationId, id);
    if (!invitation) throw invitationErrors.not_found();
    return invitation;
  }

  /** Expired ones count as pending. */
  private async getPending(tx: Tx, sender: Sender, id: string): Promise<InvitationRow> {
    const invitation = await this.get(tx, sender.access, id);
    await this.roles.assertMayGrant(tx, sender.access.organizationId, sender.holder, invitation);
    if (invitation.state !== 'pending') throw invitationErrors[invitation.state]();
    return invitation;
  }

  private async mail(tx: Tx, { access, name, organizationName }: Sender, row: InvitationRow, token: string) {
    const { operator } = access;
    const link = `${this.config.baseUrl}/t/${operator.slug}/invitations/${token}`;
    const { email, role, message, expiresAt } = row;
    await this.mails.enqueue(tx, {
      operatorId: operator.id,
      organizationId: row.organizationId,
      to: { address: email },
      template: 'invitation',
      data: { organizationName, inviterName: name, role, message, expiresAt: expiresAt.toISOString(), link },
    });
  }

  private record(
    tx: Tx,
    { access }: Sender,
    { organizationId, id }: InvitationRow,
    what: 'created' | 'resent' | 'revoked',
    changes: { before?: object; after?: object },
  ): Promise<void> {
    const subject = { type: 'invitation', id };
    return this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      { type: `invitation.${what}`, actor: access.actor, subject, ...changes },
    );
  }
}

function assertInvitable(standing: Standing, replace: boolean): void {
  if (standing.member) throw memberErrors.already_member();
  if (standing.pendingId && !standing.pendingExpired && !replace) throw invitationErrors.already_pending();
  assertMailable(standing);
}

function assertMailable({ mails, freeIn }: Standing): void {
  if (mails >= MAILS_PER_HOUR)
    throw invitationErrors.too_many({ retryAfterSeconds: Math.max(1, Math.ceil(freeIn ?? 1)) });
}
