import { Injectable } from '@nestjs/common';
import { assertMayGrant, effectiveRoles } from '../../../common/access/index.js';
import type { Tx } from '../../../database/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { organizationLock } from '../../../organizations/index.js';
import {
  AuthSettingsConsequences,
  authSettingsController,
  type AuthSettingsEdit,
  authSettingsErrors,
  type AuthSettingsProposal,
  operatorLock,
  type SignInMethod,
} from '../../../settings/index.js';
import { PasswordStore } from '../passwords/password.store.js';
import { AccessStore, newSession, policyContextOf, violation } from '../../access/index.js';
import { SecondFactorService } from '../mfa/second-factor.service.js';
import { SessionService } from '../sessions/session.service.js';

type Edit = Pick<AuthSettingsEdit, 'place' | 'actor'>;

/** Determines what a change of the auth settings means for the caller and for open sessions. */
@Injectable()
export class SignInConsequences extends AuthSettingsConsequences {
  constructor(
    private readonly access: AccessStore,
    private readonly passwords: PasswordStore,
    private readonly sessions: SessionService,
    private readonly factors: SecondFactorService,
  ) {
    super();
  }

  async assertAcceptable(tx: Tx, { place, actor }: Edit, { newcomerRole, breakGlassOpens }: AuthSettingsProposal) {
    const facts = await this.access.ofSession(tx, actor, place);
    if (!facts) throw commonErrors.conflict();
    const { platformAdmin, operatorRole: operator, organizationRole: organization, session } = facts;
    const roles = effectiveRoles({ platformAdmin, operator, organization, unit: null });
    // Opening provisioning gives the default role to others, also one that someone else chose.
    if (newcomerRole)
      assertMayGrant(place.organizationId === undefined ? roles.operator : roles.organization, newcomerRole);

    const entrance = policyContextOf(facts, actor.userId, roles);
    // Staff sign in to organizations by the operator's settings.
    if (place.organizationId !== undefined && entrance.asStaff) return;
    const methods = new Set<SignInMethod>(['magic_link']);
    if (session) methods.add(session.method);
    if (await this.passwords.findHash(tx, actor.userId)) methods.add('password');
    if ((await this.factors.enrolled(tx, actor.userId)).passkey) methods.add('passkey');
    const ssoOrganizationId = session?.ssoOrganizationId ?? null;
    // A missing second factor can be enrolled during the sign-in.
    const maySignIn = [...methods].some(
      (method) => violation(newSession({ method, factors: ['recovery_code'], ssoOrganizationId }), entrance) === null,
    );
    if (!maySignIn && !breakGlassOpens) throw authSettingsErrors.would_lock_out();
  }

  endUnfitSessions({ place, actor }: Edit): Promise<void> {
    return this.sessions.endUnfit(actor, place.operatorId, place.organizationId ?? null);
  }
}

export const OperatorAuthSettingsController = authSettingsController('operator', operatorLock, SignInConsequences);
export const OrganizationAuthSettingsController = authSettingsController(
  'organization',
  organizationLock,
  SignInConsequences,
);
