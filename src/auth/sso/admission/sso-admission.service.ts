import { Injectable } from '@nestjs/common';
import type { Actor, OperatorRef, Origin, Role } from '../../../common/access/index.js';
import type { Reader, Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { AdmissionService } from '../../../admission/index.js';
import {
  DomainService,
  InvitationResponseService,
  organizationErrors,
  OrganizationMemberService,
  OrganizationService,
} from '../../../organizations/index.js';
import { admitsEmail, AUTH_SETTINGS, SettingService } from '../../../settings/index.js';
import { type User, UserService } from '../../../users/index.js';
import { authErrors } from '../../access/index.js';
import { type Assertion, type Claims, keptClaims, type Profile, profileOf } from '../claims.js';
import { ConnectionStore, issuerOf, type UsableConnection } from '../connections/connection.store.js';
import type { SsoIdentity } from '../identities/identity.entity.js';
import { type IdentityKey, IdentityStore } from '../identities/identity.store.js';
import { ssoErrors } from '../sso.errors.js';
import { type ClaimWarning, claimWarningsOf } from './claim-warnings.js';
import { SsoProfileService } from './sso-profile.service.js';

export interface Admitted {
  user: User;
  claims: Claims;
  warnings: ClaimWarning[];
}

const MAX_SUBJECT = 512;

const personOf = <T extends string | null>(userId: T, { requestId, ip }: Origin): Actor & { userId: T } => ({
  type: 'user',
  userId,
  sessionId: null,
  origin: { requestId, ip },
});

/** Finds or creates the member account for an assertion of an identity provider. */
@Injectable()
export class SsoAdmissionService {
  constructor(
    private readonly users: UserService,
    private readonly domains: DomainService,
    private readonly organizations: OrganizationService,
    private readonly memberships: AdmissionService,
    private readonly members: OrganizationMemberService,
    private readonly settings: SettingService,
    private readonly connections: ConnectionStore,
    private readonly identities: IdentityStore,
    private readonly invitations: InvitationResponseService,
    private readonly profiles: SsoProfileService,
    private readonly events: EventService,
  ) {}

  async admit(
    tx: Tx,
    operator: OperatorRef,
    connection: UsableConnection,
    { issuer, subject, claims, saysVerified }: Omit<Assertion, 'askedForMore' | 'authenticatedAt'>,
    origin: Origin,
  ): Promise<Admitted> {
    const { organizationId } = connection;
    const profile = profileOf(claims, connection.mapping);
    assertOrganization(connection, profile);
    const locked = await this.organizations.lock(tx, organizationId);
    if (locked.deletedAt) throw ssoErrors.connection_not_found();
    if (locked.suspendedAt) throw organizationErrors.suspended();
    await this.assertSameProvider(tx, operator, connection.id, issuer);
    const key = { organizationId, connectionId: connection.id, subject: checked(subject) };
    const user = await this.userOf(tx, operator, connection, key, profile, saysVerified, origin);
    if (user.blockedAt) throw authErrors.blocked();
    const { kept, omitted } = keptClaims(claims);
    const person = personOf(user.id, origin);
    const newcomerRole = await this.newcomerRole(tx, operator, connection, user);
    await this.acceptInvitation(tx, person, operator, organizationId, user);
    const admission = { claims: kept, mapped: profile.mapped, newcomerRole };
    const admitted = await this.memberships.admit(tx, person, operator, organizationId, user, admission);
    if (!admitted) throw ssoErrors.not_a_member();
    await this.identities.touch(tx, key);
    return { user, claims: kept, warnings: claimWarningsOf(claims, connection.mapping, omitted) };
  }

  /**
   * Returns the role for a user who is not a member yet, or null if users cannot join by themselves. Refuses users whom
   * the sign-in policy would refuse.
   */
  private async newcomerRole(
    tx: Tx,
    operator: OperatorRef,
    connection: UsableConnection,
    user: User,
  ): Promise<Role | null> {
    const { organizationId, type } = connection;
    if (await this.members.isMember(tx, organizationId, user.id)) return null;
    const { values } = await this.settings.readIn(tx, AUTH_SETTINGS, { operatorId: operator.id, organizationId });
    const { allowedMethods } = values;
    if (!allowedMethods.includes(type))
      throw authErrors.method_not_allowed({ data: { organizationId, method: type, allowedMethods } });
    if (!admitsEmail(values, user.email)) throw authErrors.email_domain_not_allowed({ data: { organizationId } });
    return values['jitProvisioning.sso'] ? values['jitProvisioning.defaultRole'] : null;
  }

  /** Accepts a pending invitation for an address that the provider or the user, by linking, has proved. */
  private async acceptInvitation(
    tx: Tx,
    person: Actor & { userId: string },
    operator: OperatorRef,
    organizationId: string,
    user: User,
  ): Promise<void> {
    if (!user.emailVerifiedAt) return;
    const invitation = await this.invitations.waitingFor(tx, organizationId, user);
    if (!invitation) return;
    await this.invitations.accept(tx, person, invitation);
    await this.memberships.join(tx, person, operator, organizationId, user, invitation);
  }

  /** Links an identity to the account of the signed-in user and returns its id. */
  async link(tx: Tx, connection: UsableConnection, subject: string, user: User, actor: Actor): Promise<string> {
    const { organizationId } = connection;
    const key = { organizationId, connectionId: connection.id, subject: checked(subject) };
    await this.insert(tx, key, user, 'person', actor);
    const identity = await this.identities.find(tx, key);
    if (identity?.userId !== user.id) throw ssoErrors.identity_taken();
    await this.identities.claim(tx, key, user.id);
    return identity.id;
  }

  /** Returns the account of an identity so far, by a link or by its address, or null. */
  async accountOfSubject(
    reader: Reader,
    operator: OperatorRef,
    connection: UsableConnection,
    { subject, claims }: Pick<Assertion, 'subject' | 'claims'>,
  ): Promise<User | null> {
    const { organizationId, id: connectionId } = connection;
    const known = await this.identities.find(reader, { organizationId, connectionId, subject: checked(subject) });
    if (known) return this.users.find(reader, operator.id, known.userId);
    const { email } = profileOf(claims, connection.mapping);
    const user = email ? await this.users.findByEmail(reader, operator.id, email) : null;
    return user?.emailVerifiedAt ? user : null;
  }

  /** Tells whether an address can sign in through the organization's provider without being linked first. */
  coversEmail(reader: Reader, operatorId: string, organizationId: string, email: string): Promise<boolean> {
    return this.domains.covers(reader, operatorId, organizationId, email);
  }

  /** Rejects what a provider asserted that the connection no longer leads to. Under the organization's lock. */
  private async assertSameProvider(tx: Tx, operator: OperatorRef, connectionId: string, issuer: string): Promise<void> {
    const connection = await this.connections.findUsable(tx, operator.id, connectionId);
    if (!connection) throw ssoErrors.connection_not_found();
    if (issuerOf(connection) !== issuer) throw ssoErrors.issuer_mismatch();
  }

  private async userOf(
    tx: Tx,
    operator: OperatorRef,
    connection: UsableConnection,
    key: IdentityKey,
    profile: Profile,
    saysVerified: boolean,
    origin: Origin,
  ): Promise<User> {
    const known = await this.identities.find(tx, key);
    if (known) {
      const user = await this.ownerOf(tx, operator, known);
      return this.profiles.follow(tx, personOf(user.id, origin), operator, key.organizationId, user, profile);
    }
    const { email } = profile;
    if (!email) throw ssoErrors.email_missing();
    if (
      saysVerified &&
      profile.emailVerified !== true &&
      (connection.requireVerifiedEmail || profile.emailVerified === false)
    )
      throw ssoErrors.email_not_verified();
    if (!(await this.coversEmail(tx, operator.id, key.organizationId, email))) throw ssoErrors.domain_not_verified();
    const user = await this.accountOf(tx, operator, email, profile.name, origin);
    // A provider gave the address to someone else. Its account stays with the person it belonged to.
    if (await this.identities.isLinked(tx, key.organizationId, key.connectionId, user.id))
      throw ssoErrors.address_reused();
    await this.insert(tx, key, user, 'domain', personOf(user.id, origin));
    return user;
  }

  /**
   * Returns the account of a linked identity. An identity linked by a domain counts only while the organization has
   * that domain.
   */
  private async ownerOf(tx: Tx, operator: OperatorRef, identity: SsoIdentity): Promise<User> {
    const user = await this.users.get(tx, operator.id, { userId: identity.userId });
    const covered =
      identity.linkedBy === 'person' || (await this.coversEmail(tx, operator.id, identity.organizationId, user.email));
    if (!covered) throw ssoErrors.domain_not_verified();
    return user;
  }

  /** Returns the account of the address. The provider of the domain's owner asserts the address, which proves it. */
  private async accountOf(
    tx: Tx,
    operator: OperatorRef,
    email: string,
    name: string | null,
    origin: Origin,
  ): Promise<User> {
    const existing = await this.users.findByEmail(tx, operator.id, email);
    if (existing?.emailVerifiedAt) return existing;
    const person = { operatorId: operator.id, email, name: name ?? existing?.name ?? email };
    // Null if another proof won the race. The account exists either way.
    const user = await this.users.proved(tx, personOf(null, origin), person);
    return user ?? this.users.get(tx, operator.id, { email });
  }

  private async insert(
    tx: Tx,
    key: IdentityKey,
    user: User,
    linkedBy: SsoIdentity['linkedBy'],
    actor: Actor,
  ): Promise<void> {
    const id = await this.identities.insertIfAbsent(tx, key, user.id, linkedBy);
    if (!id) return;
    await this.events.record(
      tx,
      { kind: 'organization', id: key.organizationId },
      {
        type: 'sso_identity.linked',
        actor,
        subject: { type: 'sso_identity', id },
        after: { userId: user.id, connectionId: key.connectionId, linkedBy },
      },
    );
  }
}

/** Rejects users whom the provider assigns to another of the customer's organizations. */
function assertOrganization({ mapping, organization }: UsableConnection, { organizations }: Profile): void {
  if (!mapping.organization) return;
  const { externalId } = organization;
  if (externalId === null || !organizations.includes(externalId)) throw ssoErrors.organization_mismatch();
}

function checked(subject: string): string {
  const usable =
    subject.length > 0 && subject.length <= MAX_SUBJECT && !subject.includes('\0') && !/\p{Cs}/u.test(subject);
  if (!usable) throw ssoErrors.claim_missing({ data: { claim: 'sub' } });
  return subject;
}
