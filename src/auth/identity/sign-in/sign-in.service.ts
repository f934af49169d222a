import { Injectable } from '@nestjs/common';
import type { Actor, OperatorRef } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { AdmissionService } from '../../../admission/index.js';
import { OperatorService } from '../../../operators/index.js';
import { type User, UserService } from '../../../users/index.js';
import {
  authErrors,
  type EnrolledFactors,
  type Factor,
  factorsOf,
  hasAny,
  isOwn,
  newSession,
  operatorOf,
  type Proof,
  proofBy,
  type SessionFacts,
  RefusedAttemptService,
} from '../../access/index.js';
import type { MfaMethod } from '../../../settings/index.js';
import { AudienceService } from '../clients/audience.service.js';
import { SecondFactorService } from '../mfa/second-factor.service.js';
import type {
  Login,
  MfaRequiredView,
  OrganizationSelection,
  SelectOrganization,
  TokenView,
} from '../sessions/session.dto.js';
import { type SignInScope, SessionScopeService } from '../sessions/session-scope.service.js';
import { type Device, SessionService, type VouchedBy } from '../sessions/session.service.js';
import { OneTimeTokenService } from '../tokens/one-time-token.service.js';
import { RateLimitService } from '../../../limits/index.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { PasswordStore } from '../passwords/password.store.js';
import { type AttemptOrigin, SignInThrottle } from '../throttling/sign-in-throttle.service.js';

const FAILED = ['auth.invalid_credentials', 'auth.too_many_attempts'];
const SELECTION_SECONDS = 600;

const MFA_SECONDS = 600;

export type SignedIn = TokenView | MfaRequiredView;
export type SignInResult = SignedIn | OrganizationSelection;

/** The state of a sign-in that waits for a second factor. */
export interface WaitingEntry {
  proof: Proof;
  into: Destination;
  vouched?: VouchedBy | undefined;
}

/** The state of a sign-in that waits for the choice of an organization. */
interface WaitingChoice {
  proof: Proof;
  audience?: string;
}

/** Where a sign-in leads: only to `organizationId` if given, or to `wishedId` if the user can enter it. */
export interface Destination {
  organizationId?: string | undefined;
  wishedId?: string | undefined;
  /** The audience of the tokens. Null or omitted: Trellis itself. */
  audience?: string | undefined;
}

/**
 * Returns the tokens or raises the choice of organization. Call it after the transaction, which stores the token for
 * the choice.
 */
export function tokensOf(result: SignInResult): SignedIn {
  if (!('selectionToken' in result)) return result;
  throw authErrors.organization_selection_required({ data: { ...result } });
}

/**
 * Tells whether a factor can be enrolled during this sign-in. A user with a factor must prove it first, or the password
 * alone would be enough to add one. An identity provider cannot add one to an account that opens other organizations too.
 */
export const mayEnrolDuringSignIn = ({ factors, ssoOrganizationId }: Proof, enrolled: EnrolledFactors): boolean =>
  factors.some(isOwn) || (ssoOrganizationId === null && !hasAny(enrolled));

/** A user who knew the password that has this hash. */
interface PasswordOwner {
  user: User;
  passwordHash: string;
}

const personOf = ({ id }: User, { requestId, ip }: Device): Actor => ({
  type: 'user',
  userId: id,
  sessionId: null,
  origin: { requestId, ip },
});

/** Returns the second factors that would be accepted if one is missing. Rethrows every other refusal. */
function missingFactor(error: unknown): MfaMethod[] {
  if (error instanceof AppError && error.code === 'auth.mfa_required')
    return (error.options.data as { allowedMfaMethods: MfaMethod[] }).allowedMfaMethods;
  throw error;
}

/** Signs users in with a password and lets them choose if they have several organizations. */
@Injectable()
export class SignInService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly passwords: PasswordStore,
    private readonly hasher: PasswordHasher,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
    private readonly throttle: SignInThrottle,
    private readonly scopes: SessionScopeService,
    private readonly sessions: SessionService,
    private readonly memberships: AdmissionService,
    private readonly factors: SecondFactorService,
    private readonly audiences: AudienceService,
    private readonly refused: RefusedAttemptService,
  ) {}

  async login(operatorSlug: string, { email, password, ...into }: Login, device: Device): Promise<SignedIn> {
    const operator = await operatorOf(this.operators, operatorSlug);
    const { user, passwordHash } = await this.authenticate(operator.id, email, password, device);
    const result = await this.db.transaction(async (tx) => {
      const entered = await this.enter(tx, operator, user, into, proofBy('password'), device);
      await this.assertPasswordUnchanged(tx, user.id, passwordHash);
      return entered;
    });
    return tokensOf(result);
  }

  /**
   * Refuses a sign-in whose password was replaced after it was checked. Call it last, because organizations are locked
   * before users. A change of the password holds the same lock, so one of the two sees the other.
   */
  async assertPasswordUnchanged(tx: Tx, userId: string, passwordHash: string): Promise<void> {
    await this.users.lock(tx, userId);
    if ((await this.passwords.findHash(tx, userId)) !== passwordHash) throw authErrors.invalid_credentials();
  }

  /** Returns the user with this address and password, and the hash that matched. Attempts are counted. */
  async authenticate(operatorId: string, email: string, password: string, from: AttemptOrigin): Promise<PasswordOwner> {
    const owner = await this.throttle
      .counted('password_attempts', { operatorId, email, from }, () => this.checkPassword(operatorId, email, password))
      .catch((error: unknown) => this.noteFailure(error, operatorId, email));
    if (owner.user.blockedAt) {
      await this.refused.note('sign_in.failed', operatorId, owner.user.id);
      throw authErrors.blocked();
    }
    return owner;
  }

  private async noteFailure(error: unknown, operatorId: string, email: string): Promise<never> {
    if (error instanceof AppError && FAILED.includes(error.code)) {
      const user = await this.users.findByEmail(this.db.reader, operatorId, email);
      // Attempts at addresses without an account are counted together.
      await this.refused.note('sign_in.failed', operatorId, user?.id ?? operatorId);
    }
    throw error;
  }

  /**
   * Starts a session for a user who has proved their identity: in the given organization, in the wished one if they can
   * enter it, or in their only one. Returns a choice if there are several. `proof` is kept with the session and decides
   * which organizations the user can switch to.
   */
  async enter(
    tx: Tx,
    operator: OperatorRef,
    user: User,
    into: Destination,
    proof: Proof,
    device: Device,
    vouched?: VouchedBy,
  ): Promise<SignInResult> {
    const person = { userId: user.id, operatorId: operator.id };
    const { organizationId, wishedId, audience } = into;
    await this.audiences.known(tx, operator.id, audience);
    const enrolled = await this.factors.enrolled(tx, user.id);
    // After single sign-on or a passkey, a second factor is asked for only if the organization's policy requires it.
    const usedOneFactor = proof.method === 'password' || proof.method === 'magic_link';
    if (usedOneFactor && proof.factors.length === 0 && hasAny(enrolled))
      return this.askForFactor(tx, person, { proof, into, vouched }, factorsOf(enrolled), []);
    const actor = personOf(user, device);
    // The link was mailed, so the user reads the mail of the address now.
    if (proof.method === 'magic_link') await this.memberships.joinByDomain(tx, actor, operator, user, proof.method);
    await this.memberships.applyRules(tx, actor, operator, user, organizationId ?? wishedId, vouched);
    const entry = await this.scopeOf(tx, person, newSession(proof), into).catch(missingFactor);
    if (Array.isArray(entry)) {
      if (!hasAny(enrolled) && !mayEnrolDuringSignIn(proof, enrolled))
        throw authErrors.mfa_required({
          data: { organizationId: organizationId ?? null, allowedMfaMethods: entry },
        });
      return this.askForMore(tx, person, { proof, into, vouched }, enrolled, entry);
    }
    if (entry.kind === 'entered') return this.sessions.start(tx, operator, user, entry, device, { audience, vouched });
    const selectionToken = await this.tokens.issue(tx, {
      purpose: 'select_organization',
      ...person,
      payload: { proof, audience },
      ttlSeconds: SELECTION_SECONDS,
    });
    return { selectionToken, organizations: entry.organizations };
  }

  /**
   * Finishes a sign-in with the chosen organization. After a refusal about audience, organization or sign-in policy,
   * the choice can be repeated.
   */
  async select(
    operatorSlug: string,
    { selectionToken, organizationId }: SelectOrganization,
    device: Device,
  ): Promise<SignedIn> {
    await this.rateLimits.consume('sign_in_steps', device.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    return this.db.transaction(async (tx) => {
      const { userId, payload } = await this.tokens.redeem(tx, 'select_organization', operator.id, selectionToken);
      const user = await this.users.get(tx, operator.id, { userId: userId ?? '' });
      if (user.blockedAt) throw authErrors.blocked();
      const { proof, audience } = payload as unknown as WaitingChoice;
      return tokensOf(await this.enter(tx, operator, user, { organizationId, audience }, proof, device));
    });
  }

  /** The policy requires a factor that was not proved: another one that is enrolled, or one that is enrolled now. */
  private askForMore(
    tx: Tx,
    person: { userId: string; operatorId: string },
    waiting: WaitingEntry,
    enrolled: EnrolledFactors,
    allowed: readonly MfaMethod[],
  ): Promise<MfaRequiredView> {
    const shown = waiting.proof.factors;
    const counting = factorsOf(enrolled).filter(
      (factor) => !shown.includes(factor) && (factor === 'recovery_code' || (allowed as Factor[]).includes(factor)),
    );
    const missing = mayEnrolDuringSignIn(waiting.proof, enrolled) ? allowed.filter((method) => !enrolled[method]) : [];
    const usable = hasAny(enrolled) && counting.length === 0 && missing.length === 0 ? factorsOf(enrolled) : counting;
    return this.askForFactor(tx, person, waiting, usable, missing);
  }

  private async askForFactor(
    tx: Tx,
    person: { userId: string; operatorId: string },
    waiting: WaitingEntry,
    methods: Factor[],
    enrolment: MfaMethod[],
  ): Promise<MfaRequiredView> {
    const mfaToken = await this.tokens.issue(tx, {
      purpose: 'mfa',
      ...person,
      payload: { ...waiting },
      ttlSeconds: MFA_SECONDS,
    });
    return { mfaRequired: true, mfaToken, methods: methods.filter((factor) => factor !== 'sso'), enrolment };
  }

  private async scopeOf(
    tx: Tx,
    person: { userId: string; operatorId: string },
    session: SessionFacts,
    { organizationId, wishedId }: Destination,
  ): Promise<SignInScope> {
    if (organizationId) return { kind: 'entered', ...(await this.scopes.enter(tx, person, session, organizationId)) };
    const wished = wishedId ? await this.scopes.renew(tx, person, session, wishedId) : null;
    return wished?.organization ? { kind: 'entered', ...wished } : this.scopes.choose(tx, person, session);
  }

  /** Computes one hash whether or not the address has an account, so that neither the answer nor the time tells. */
  private async checkPassword(operatorId: string, email: string, password: string): Promise<PasswordOwner> {
    const reader = this.db.reader;
    const user = await this.users.findByEmail(reader, operatorId, email);
    const account = user?.emailVerifiedAt ? user : null;
    const stored = account && (await this.passwords.findHash(reader, account.id));
    const matches = await this.hasher.verify(stored, password);
    if (!account || !stored || !matches) throw authErrors.invalid_credentials();
    return { user: account, passwordHash: stored };
  }
}
