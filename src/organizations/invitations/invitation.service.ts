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
import { EventService } from '../../events/index.js';
import { RateLimitService } from '../../limits/index.js';
import { MailOutbox } from '../../mail/index.js';
import { AuthSettingsService } from '../../settings/index.js';
import { CallerNameService } from '../caller-name.service.js';
import { OrganizationService } from '../organization.service.js';
import { UnitReferenceService } from '../unit-reference.service.js';
import { SeatService } from '../seat.service.js';
import { RoleResolver } from '../roles/role-resolver.js';
import {
  type CreateInvitation,
  DEFAULT_TTL_SECONDS,
  type InvitationQuery,
  type InvitationResult,
  type InvitationView,
  toInvitationView,
} from './invitation.dto.js';
import { invitationErrors, invitationPolicyErrors } from './invitation.errors.js';
import { type InvitationEligibility, InvitationStore } from './invitation.store.js';
import type { InvitationRow } from './invitation.types.js';

/** Limit of mails to one address, from all organizations of an operator. */
const MAILS_PER_HOUR = 10;
/** How long an organization is new, and may send fewer invitations. */
const NEW_MS = 7 * 24 * 60 * 60 * 1000;

/** The sender, as read under the organization's lock. */
interface Sender {
  access: OrganizationAccess;
  holder: Holder;
  name: string;
  organizationName: string;
  organizationCreatedAt: Date;
}

/** Sends, resends and revokes invitations. Recipients respond through `InvitationResponseService`. */
@Injectable()
export class InvitationService {
  constructor(
    private readonly db: Database,
    private readonly store: InvitationStore,
    private readonly organizations: OrganizationService,
    private readonly names: CallerNameService,
    private readonly roles: RoleResolver,
    private readonly seats: SeatService,
    private readonly units: UnitReferenceService,
    private readonly events: EventService,
    private readonly mails: MailOutbox,
    private readonly settings: AuthSettingsService,
    private readonly config: Config,
    private readonly rateLimits: RateLimitService,
  ) {}

  async list(access: OrganizationAccess, query: InvitationQuery): Promise<Page<InvitationView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, query);
    return { ...page, items: page.items.map(toInvitationView) };
  }

  async view(access: OrganizationAccess, id: string): Promise<InvitationView> {
    return toInvitationView(await this.get(this.db.reader, access, id));
  }

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
   * Invites the first admin of an organization that staff create, also into `unitIds`. The caller must wake the mail
   * delivery after the commit.
   */
  async inviteFirstAdmin(tx: Tx, by: Access, organizationId: string, email: string, unitIds: string[]): Promise<void> {
    const sender = await this.enter(tx, { ...by, organizationId } as OrganizationAccess, 'invitations:create');
    await this.store.lockRecipients(tx, by.operator.id, [email]);
    await this.createIn(tx, sender, { email, role: 'admin', unitIds });
  }

  /** Creates invitations with a result for each. Errors of the organization as a whole create none. */
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

  revoke(access: OrganizationAccess, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const sender = await this.enter(tx, access, 'invitations:revoke');
      const invitation = await this.getPending(tx, sender, id);
      await this.revokeIn(tx, sender, invitation, 'revoked');
    });
  }

  /** Mails a new link with the same validity, also for an expired invitation. The old link stops working. */
  async resend(access: OrganizationAccess, id: string): Promise<InvitationView> {
    await this.assertMayInvite(access);
    const { organizationId, operator, actor } = access;
    const invitation = await this.db.transaction(async (tx) => {
      const sender = await this.enter(tx, access, 'invitations:resend');
      const pending = await this.getPending(tx, sender, id);
      const { email, expiresAt, status } = pending;
      await this.roles.assertMayGrant(tx, organizationId, sender.holder, pending);
      if (status === 'expired') await this.seats.assertFree(tx, organizationId);
      await this.store.lockRecipients(tx, operator.id, [email]);
      assertMailable(await this.store.eligibilityOf(tx, operator.id, organizationId, email));
      await this.count(tx, sender);
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

  /** Locks the organization and checks again that the caller may invite. */
  private async enter(tx: Tx, access: OrganizationAccess, permission: Permission): Promise<Sender> {
    const { organizationId, actor } = access;
    const holder = await this.roles.enter(tx, access, permission);
    const { name: organizationName, createdAt: organizationCreatedAt } = await this.organizations.get(tx, [
      organizationId,
    ]);
    const name = await this.names.of(tx, access);
    // Staff invite the first admin too.
    const governs = await this.store.governedByStaff(tx, organizationId, callerIdOf(actor));
    return { access, holder: governs ? holderOf('admin') : holder, name, organizationName, organizationCreatedAt };
  }

  /** Returns refusals as results. They come before the first write, so the transaction can continue. */
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
    await this.units.assertKnown(tx, organizationId, unitIds, this.roles.unitsOfOnly(sender.holder, actor));
    const eligibility = await this.store.eligibilityOf(tx, operator.id, organizationId, email);
    assertInvitable(eligibility, replace);
    // Replacing an open invitation frees its seat.
    if (!eligibility.pendingId || eligibility.pendingExpired) await this.seats.assertFree(tx, organizationId);
    await this.count(tx, sender);
    if (eligibility.pendingId) {
      const pending = await this.get(tx, sender.access, eligibility.pendingId);
      if (!eligibility.pendingExpired) await this.roles.assertMayRevoke(tx, organizationId, sender.holder, pending);
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

  /**
   * Counts an invitation of the organization, and of its sender in all organizations, because anyone can create some. Comes
   * before the first write. A refusal that follows keeps the count.
   */
  private async count(tx: Tx, { access, organizationCreatedAt }: Sender): Promise<void> {
    const { organizationId, operator, operatorRole, actor } = access;
    const isNew = Date.now() - organizationCreatedAt.getTime() < NEW_MS;
    const budget = isNew ? 'invitations_of_new_organization' : 'invitations';
    const subjects = [
      [organizationId],
      ...(includesRole(operatorRole, 'manager') ? [] : [[operator.id, callerIdOf(actor)]]),
    ];
    for (const subject of subjects) {
      const retryAfterSeconds = await this.rateLimits.tryConsume(budget, subject, tx);
      if (retryAfterSeconds !== null)
        throw invitationErrors.too_many({
          detail: 'Too many invitations were sent. Try again later.',
          retryAfterSeconds,
        });
    }
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

  /** Returns a pending or expired invitation. */
  private async getPending(tx: Tx, sender: Sender, id: string): Promise<InvitationRow> {
    const invitation = await this.get(tx, sender.access, id);
    await this.roles.assertMayRevoke(tx, sender.access.organizationId, sender.holder, invitation);
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

function assertInvitable(eligibility: InvitationEligibility, replace: boolean): void {
  if (eligibility.member) throw memberErrors.already_member();
  if (eligibility.pendingId && !eligibility.pendingExpired && !replace) throw invitationErrors.already_pending();
  assertMailable(eligibility);
}

function assertMailable({ mails, freeIn }: InvitationEligibility): void {
  if (mails >= MAILS_PER_HOUR)
    throw invitationErrors.too_many({ retryAfterSeconds: Math.max(1, Math.ceil(freeIn ?? 1)) });
}
