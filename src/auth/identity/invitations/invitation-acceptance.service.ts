import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor, OperatorRef, Origin, Role } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { OperatorService } from '../../../operators/index.js';
import { InvitationResponseService, invitationErrors, type OpenInvitation } from '../../../organizations/index.js';
import { BrandingService } from '../../../settings/index.js';
import { AdmissionService } from '../../../admission/index.js';
import { type User, UserService } from '../../../users/index.js';
import {
  type AccessFacts,
  AccessStore,
  authErrors,
  BearerAuthenticator,
  hasOwnProof,
  operatorOf,
  proofBy,
  StepUpPolicy,
} from '../../access/index.js';
import { RateLimitService } from '../../../limits/index.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { assertPassword } from '../passwords/password.policy.js';
import { type SignedIn, SignInService, tokensOf } from '../sign-in/sign-in.service.js';
import { RegistrationService } from '../registration/registration.service.js';
import { SignInThrottle } from '../throttling/sign-in-throttle.service.js';
import type { Device } from '../sessions/session.service.js';
import { RegistrationPolicy } from '../registration/registration.policy.js';
import type { AcceptedInvitationView, AcceptInvitation, OpenInvitationView } from './invitation.dto.js';

type NewAccount = Required<AcceptInvitation>;
type Person = Actor & { userId: string };

interface InvitationPreview extends Omit<OpenInvitationView, 'accountExists'> {
  passwordMinLength: number | null;
  /** As in the mail. */
  inviterName: string;
}

type AcceptedOnPage = Pick<InvitationPreview, 'organization' | 'email' | 'branding'> & { slug: string };

const anonymous = (origin: Origin): Actor => ({ type: 'user', userId: null, sessionId: null, origin });
const personOf = (userId: string, sessionId: string | null, { requestId, ip }: Origin): Person => ({
  type: 'user',
  userId,
  sessionId,
  origin: { requestId, ip },
});

/** Turns a mailed invitation into a membership, with a new account or with the existing account of the address. */
@Injectable()
export class InvitationAcceptanceService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly answers: InvitationResponseService,
    private readonly memberships: AdmissionService,
    private readonly branding: BrandingService,
    private readonly registration: RegistrationService,
    private readonly hasher: PasswordHasher,
    private readonly rateLimits: RateLimitService,
    private readonly throttle: SignInThrottle,
    private readonly bearer: BearerAuthenticator,
    private readonly access: AccessStore,
    private readonly signIn: SignInService,
    private readonly policy: RegistrationPolicy,
    private readonly stepUps: StepUpPolicy,
  ) {}

  /** Returns the open invitation without using it. */
  async look(operatorSlug: string, token: string): Promise<OpenInvitationView> {
    const {
      passwordMinLength,
      inviterName: _,
      ...view
    } = await this.preview(await operatorOf(this.operators, operatorSlug), token);
    return { ...view, accountExists: passwordMinLength === null };
  }

  /** Reads an open invitation and the minimum length of the password, null if the address has an account. */
  async preview(operator: OperatorRef, token: string): Promise<InvitationPreview> {
    const { invitation, organization } = await this.answers.getByToken(this.db.reader, operator.id, token);
    const account = await this.accountOf(operator, invitation.email);
    return {
      organization: { id: organization.id, name: organization.name },
      email: invitation.email,
      role: invitation.role,
      inviterName: invitation.inviterName ?? organization.name,
      message: invitation.message,
      expiresAt: invitation.expiresAt.toISOString(),
      branding: await this.branding.effective(operator.id, organization.id),
      passwordMinLength: account ? null : await this.policy.passwordMinLength(operator, organization.id),
    };
  }

  /** Accepts the invitation and signs a new account in at once. */
  async accept(
    operatorSlug: string,
    token: string,
    { name, password }: AcceptInvitation,
    context: ExecutionContext,
    device: Device,
  ): Promise<SignedIn | AcceptedInvitationView> {
    await this.rateLimits.consume('sign_in_steps', device.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { open, account } = await this.find(operator, token);
    if (account) return this.acceptSignedIn(operator, token, open, account, context, device);
    if (name !== undefined && password !== undefined)
      return this.acceptNew(operator, token, open, { name, password }, device, (tx, user) =>
        this.startSession(tx, operator, user, open, device),
      );
    // A signed-in caller who sends no name is in the wrong account and does not want a new one.
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    if (authorization) throw invitationErrors.wrong_account();
    throw commonErrors.validation_failed({
      errors: Object.entries({ name, password })
        .filter(([, value]) => value === undefined)
        .map(([field]) => ({ field, code: 'required' as const, message: `a new account needs a ${field}` })),
    });
  }

  /**
   * Accepts the invitation from the page, which cannot keep tokens. A new account needs a name and a password, an
   * existing account its password.
   */
  async acceptOnPage(
    operator: OperatorRef,
    token: string,
    { name, password }: AcceptInvitation,
    origin: Origin,
  ): Promise<AcceptedOnPage> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const { open, account: existing } = await this.find(operator, token);
    if (existing) {
      if (password === undefined) throw commonErrors.validation_failed({ detail: 'Type your password.' });
      const { user } = await this.signIn.authenticate(operator.id, existing.email, password, {
        ip: origin.ip,
        userAgent: null,
      });
      await this.db.transaction(async (tx) => {
        const locked = await this.answers.lock(tx, token, open);
        await this.join(tx, personOf(user.id, null, origin), operator, user, locked);
      });
    } else {
      if (name === undefined || password === undefined)
        throw commonErrors.validation_failed({ detail: 'Fill in your name and a password.' });
      await this.acceptNew(operator, token, open, { name, password }, origin, () => Promise.resolve());
    }
    const { organization, invitation } = open;
    const branding = await this.branding.effective(operator.id, organization.id);
    return { organization, slug: organization.slug, email: invitation.email, branding };
  }

  async decline(operatorSlug: string, token: string, origin: Origin): Promise<void> {
    await this.rateLimits.consume('sign_in_steps', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const actor = anonymous({ requestId: origin.requestId, ip: origin.ip });
    await this.db.transaction((tx) => this.answers.decline(tx, actor, operator.id, token));
  }

  private async find(operator: OperatorRef, token: string): Promise<{ open: OpenInvitation; account: User | null }> {
    const open = await this.answers.getByToken(this.db.reader, operator.id, token);
    return { open, account: await this.accountOf(operator, open.invitation.email) };
  }

  /** Returns null for a user who was only named by staff and therefore has no account yet. */
  private async accountOf({ id }: OperatorRef, email: string): Promise<User | null> {
    const user = await this.users.findByEmail(this.db.reader, id, email);
    return user?.emailVerifiedAt ? user : null;
  }

  /** Creates the account with a verified address, because following the link proved it. */
  private async acceptNew<T>(
    operator: OperatorRef,
    token: string,
    open: OpenInvitation,
    { name, password }: NewAccount,
    origin: Origin,
    then: (tx: Tx, user: User) => Promise<T>,
  ): Promise<T> {
    const { invitation, organization } = open;
    const { email } = invitation;
    const minLength = await this.policy.passwordMinLength(operator, organization.id);
    assertPassword(password, [email, name, operator.name, operator.slug, organization.name], minLength);
    const passwordHash = await this.hasher.hash(password);
    const result = await this.db.transaction(async (tx) => {
      const locked = await this.answers.lock(tx, token, open);
      const account = { operatorId: operator.id, email, name, passwordHash };
      const user = await this.registration.createVerified(tx, anonymous(origin), account);
      if (user.blockedAt) throw authErrors.blocked();
      await this.join(tx, personOf(user.id, null, origin), operator, user, locked);
      return then(tx, user);
    });
    // Failed sign-ins from before the proof must not lock the owner out.
    await this.throttle.forget(operator.id, email);
    return result;
  }

  private async acceptSignedIn(
    operator: OperatorRef,
    token: string,
    open: OpenInvitation,
    account: User,
    context: ExecutionContext,
    origin: Origin,
  ): Promise<AcceptedInvitationView> {
    const bearer = await this.bearer.authenticate(context);
    const accepted = this.db.transaction(async (tx) => {
      const locked = await this.answers.lock(tx, token, open);
      const facts = await this.access.ofSession(tx, bearer, { operatorSlug: operator.slug });
      if (!facts) throw authErrors.invalid_token();
      if (bearer.userId !== account.id) throw invitationErrors.wrong_account();
      assertMayJoin(facts, locked.organization.id);
      const { id, name } = locked.organization;
      const person = personOf(bearer.userId, bearer.sessionId, origin);
      const role = await this.join(tx, person, operator, account, locked);
      return { organization: { id, name }, role };
    });
    return accepted.catch(async (error: unknown) => {
      throw await this.stepUps.withMethods(error, bearer);
    });
  }

  /** Accepts the invitation under the organization's lock, which `lock` took. Returns the member's new role. */
  private async join(
    tx: Tx,
    person: Person,
    operator: OperatorRef,
    user: User,
    { invitation }: OpenInvitation,
  ): Promise<Role> {
    await this.answers.assertInviter(tx, invitation);
    await this.answers.accept(tx, person, invitation);
    return this.memberships.join(tx, person, operator, invitation.organizationId, user, invitation);
  }

  private async startSession(
    tx: Tx,
    operator: OperatorRef,
    user: User,
    { organization }: OpenInvitation,
    device: Device,
  ): Promise<SignedIn> {
    const into = { organizationId: organization.id };
    return tokensOf(await this.signIn.enter(tx, operator, user, into, proofBy('password'), device));
  }
}

/** Rejects a session of one organization's identity provider in the name of the user elsewhere. */
function assertMayJoin({ session }: AccessFacts, organizationId: string): void {
  if (session && !hasOwnProof(session) && session.ssoOrganizationId !== organizationId)
    throw authErrors.step_up_required();
}
