import { includesRole, type Role } from '../../common/access/index.js';
import type { AppError } from '../../common/errors/index.js';
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
import type { SessionFacts } from './proof.js';

/** Where somebody comes in, and who he is there. */
export interface PolicyContext {
  userId: string;
  email: string;
  /** Null: into the operator itself. */
  organizationId: string | null;
  /** As operator staff: by the rules of the operator, in its organizations too. */
  asStaff: boolean;
  /** At the operator, the effective one; in the organization as a member. */
  operatorRole: Role | null;
  organizationRole: Role | null;
  operatorRules: StoredAuthSettings | null;
  organizationRules: StoredAuthSettings | null;
}

/** From what is known of a person and a place, and his effective roles there. */
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

/** What break-glass opens. Second factors, ages and everything a level above asks for stay. */
const OPENED: readonly AuthSettingsField[] = ['allowedMethods', 'allowedEmailDomains'];

function opened({ values, locks }: StoredAuthSettings): StoredAuthSettings {
  const kept = Object.entries(values).filter(([name]) => !(OPENED as readonly string[]).includes(name));
  return { values: Object.fromEntries(kept), locks };
}

const DEFAULTS = inherit(AUTH_SETTINGS.fields, []).values;

/** The settings that somebody meets where he comes in. */
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

/** An identity provider speaks for its own organization, and for nobody who may do more than its members. */
function speaksFor({ ssoOrganizationId }: SessionFacts, { organizationId, asStaff }: PolicyContext): boolean {
  if (ssoOrganizationId === null) return true;
  return !asStaff && (organizationId === null || ssoOrganizationId === organizationId);
}

/** Whether a second factor was shown that counts here. */
const hasFactor = ({ factors }: SessionFacts, { allowedMfaMethods }: FlatAuthSettings): boolean =>
  factors.some((factor) => factor === 'recovery_code' || factor === 'sso' || allowedMfaMethods.includes(factor));

export const lacksFactor = (session: SessionFacts, rules: FlatAuthSettings): boolean =>
  rules.mfaPolicy === 'required' && !hasFactor(session, rules);

/** The codes `violation` gives, for the routes that let somebody in. */
export const SIGN_IN_POLICY_ERRORS = [
  'auth.email_domain_not_allowed',
  'auth.method_not_allowed',
  'auth.session_too_old',
  'auth.session_idle',
  'auth.mfa_required',
];

/**
 * Why a session may not come in, by what cannot be mended without signing in again before what can: auth.
 * email_domain_not_allowed, auth.method_not_allowed, auth.session_too_old, auth.session_idle, auth.mfa_required.
 */
export function violation(
  session: SessionFacts,
  entrance: PolicyContext,
  rules = effectivePolicy(entrance),
): AppError | null {
  const { organizationId } = entrance;
  const { allowedMethods, allowedMfaMethods, sessionMaxMinutes, sessionIdleMinutes } = rules;
  if (!admitsEmail(rules, entrance.email)) return authErrors.email_domain_not_allowed({ data: { organizationId } });
  if (!allowedMethods.includes(session.method) || !speaksFor(session, entrance))
    return authErrors.method_not_allowed({ data: { organizationId, method: session.method, allowedMethods } });
  if (session.ageSeconds >= sessionMaxMinutes * 60) return authErrors.session_too_old({ data: { organizationId } });
  if (session.idleSeconds >= sessionIdleMinutes * 60) return authErrors.session_idle({ data: { organizationId } });
  if (lacksFactor(session, rules)) return authErrors.mfa_required({ data: { organizationId, allowedMfaMethods } });
  return null;
}

/** How long an access token lives that is given out now: not longer than its session may lie unused, or last. */
export function accessTokenSeconds(session: SessionFacts, rules: FlatAuthSettings): number {
  const minutes = Math.min(rules.accessTokenMinutes, rules.sessionIdleMinutes);
  return Math.max(1, Math.min(minutes * 60, Math.floor(rules.sessionMaxMinutes * 60 - session.ageSeconds)));
}
