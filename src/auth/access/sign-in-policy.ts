import { includesRole, type Role } from '../../common/access/index.js';
import { AppError } from '../../common/errors/index.js';
import { inherit, type LevelName } from '../../common/inheritance/index.js';
import {
  admitsEmail,
  AUTH_SETTINGS,
  type AuthSettingsField,
  type FlatAuthSettings,
  type StoredAuthSettings,
} from '../../settings/index.js';
import { authErrors } from './auth.errors.js';
import type { AccessFacts } from './access-facts.js';
import { isOwn, type SessionFacts } from './proof.js';

/** The level that a user signs in to, and the user's roles there. */
export interface PolicyContext {
  userId: string;
  email: string;
  /** Null for the operator itself. */
  organizationId: string | null;
  /** Operator staff follow the operator's policy, in its organizations too. */
  asStaff: boolean;
  /** The effective role at the operator, and the role as a member of the organization. */
  operatorRole: Role | null;
  organizationRole: Role | null;
  operatorRules: StoredAuthSettings | null;
  organizationRules: StoredAuthSettings | null;
}

/** Builds the context from facts about a user and a path. */
export function policyContextOf(
  facts: Pick<AccessFacts, 'email' | 'organization' | 'organizationRole' | 'operatorRules' | 'organizationRules'>,
  userId: string,
  roles: { operator: Role | null; organization: Role | null },
): PolicyContext {
  return {
    userId,
    email: facts.email,
    organizationId: facts.organization?.id ?? null,
    asStaff: includesRole(roles.operator, 'manager'),
    operatorRole: roles.operator,
    organizationRole: facts.organizationRole,
    operatorRules: facts.operatorRules,
    organizationRules: facts.organizationRules,
  };
}

/** Settings that break-glass access ignores. Second factors, ages and settings of the levels above still apply. */
const OPENED: readonly AuthSettingsField[] = ['allowedMethods', 'allowedEmailDomains'];

function opened({ values, locks }: StoredAuthSettings): StoredAuthSettings {
  const kept = Object.entries(values).filter(([name]) => !(OPENED as readonly string[]).includes(name));
  return { values: Object.fromEntries(kept), locks };
}

const DEFAULTS = inherit(AUTH_SETTINGS.fields, []).values;

/** Returns the settings that apply to a sign-in in this context. */
export function effectivePolicy(entrance: PolicyContext): FlatAuthSettings {
  const { userId, asStaff, organizationId, operatorRules, organizationRules } = entrance;
  const ofOrganization = !asStaff && organizationId !== null;
  if (!operatorRules && !(ofOrganization && organizationRules)) return DEFAULTS;
  const levels = [
    { level: 'operator' as LevelName, rules: operatorRules, role: entrance.operatorRole },
    ...(ofOrganization
      ? [{ level: 'organization' as LevelName, rules: organizationRules, role: entrance.organizationRole }]
      : []),
  ].map(({ level, rules, role }) => {
    const stored = rules ?? { values: {}, locks: [] };
    const breaksGlass = role === 'admin' && stored.values.breakGlassUserIds?.includes(userId);
    return { level, id: '', name: '', ...(breaksGlass ? opened(stored) : stored) };
  });
  return inherit(AUTH_SETTINGS.fields, levels).values;
}

/**
 * An identity provider counts only for its own organization, and only for users who have no more rights than a member.
 */
function speaksFor({ ssoOrganizationId }: SessionFacts, { organizationId, asStaff }: PolicyContext): boolean {
  if (ssoOrganizationId === null) return true;
  return !asStaff && (organizationId === null || ssoOrganizationId === organizationId);
}

/**
 * Returns the session as it counts at a place: where its identity provider has no say, only what the user showed to this
 * server counts. If that is nothing, returns the refusal: auth.step_up_required if the user can still show something that
 * the place accepts.
 */
function sessionAt(
  session: SessionFacts,
  context: PolicyContext,
  { allowedMethods }: FlatAuthSettings,
): SessionFacts | AppError {
  const { method, ownMethod, factors } = session;
  if (speaksFor(session, context)) return session;
  if (ownMethod) return { ...session, method: ownMethod, factors: factors.filter(isOwn) };
  const { organizationId, asStaff } = context;
  if (!asStaff && OWN_METHODS.some((one) => allowedMethods.includes(one))) return authErrors.step_up_required();
  return authErrors.method_not_allowed({ data: { organizationId, method, allowedMethods } });
}

/** The methods that an existing session can show later. */
const OWN_METHODS = ['password', 'passkey', 'magic_link'] as const;

/** Tells whether an accepted second factor was proved. */
const hasFactor = ({ factors }: SessionFacts, { allowedMfaMethods }: FlatAuthSettings): boolean =>
  factors.some((factor) => factor === 'recovery_code' || factor === 'sso' || allowedMfaMethods.includes(factor));

export const lacksFactor = (session: SessionFacts, rules: FlatAuthSettings): boolean =>
  rules.mfaPolicy === 'required' && !hasFactor(session, rules);

/** Codes of refusals by `violation`, for routes that sign users in. */
export const SIGN_IN_POLICY_ERRORS = [
  'auth.email_domain_not_allowed',
  'auth.method_not_allowed',
  'auth.session_too_old',
  'auth.session_idle',
  'auth.mfa_required',
];

/**
 * Returns why a session does not meet the policy. Refusals that need a new sign-in come before those that can be fixed
 * in the session.
 */
export function violation(
  given: SessionFacts,
  entrance: PolicyContext,
  rules = effectivePolicy(entrance),
): AppError | null {
  const { organizationId } = entrance;
  const { allowedMethods, allowedMfaMethods, sessionMaxMinutes, sessionIdleMinutes } = rules;
  if (!admitsEmail(rules, entrance.email)) return authErrors.email_domain_not_allowed({ data: { organizationId } });
  const session = sessionAt(given, entrance, rules);
  if (session instanceof AppError) return session;
  if (!allowedMethods.includes(session.method))
    return authErrors.method_not_allowed({ data: { organizationId, method: session.method, allowedMethods } });
  if (session.ageSeconds >= sessionMaxMinutes * 60) return authErrors.session_too_old({ data: { organizationId } });
  if (session.idleSeconds >= sessionIdleMinutes * 60) return authErrors.session_idle({ data: { organizationId } });
  if (lacksFactor(session, rules)) return authErrors.mfa_required({ data: { organizationId, allowedMfaMethods } });
  return null;
}

/** Returns the lifetime of a new access token, which never exceeds the session's remaining idle time or lifetime. */
export function accessTokenSeconds(session: SessionFacts, rules: FlatAuthSettings): number {
  const minutes = Math.min(rules.accessTokenMinutes, rules.sessionIdleMinutes);
  return Math.max(1, Math.min(minutes * 60, Math.floor(rules.sessionMaxMinutes * 60 - session.ageSeconds)));
}
