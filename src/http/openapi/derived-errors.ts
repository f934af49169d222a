import type { AccessRule } from '../../common/access/index.js';

/** The facts that the error codes of an operation follow from. */
export interface OperationFacts {
  /** As in openapi.json, for example `/t/{operator}/…`. */
  path: string;
  method: string;
  rule: AccessRule | undefined;
  /** Whether the request limiter skips the route. */
  unlimited: boolean;
  /** Whether the frame or the route itself handles `Idempotency-Key`, or neither. */
  idempotency: 'frame' | 'own' | 'none';
  /** Whether the response shows a secret once. */
  showsSecret?: boolean;
  /** Whether the operation takes `If-Match`. */
  conditional: boolean;
  /** Whether the operation takes `cursor`. */
  paged: boolean;
  /** Whether browsers can keep the session in a cookie. */
  browserSession?: boolean;
}

/** Possible responses to any request. */
const ALWAYS = ['internal_error', 'malformed_request', 'unavailable', 'validation_failed'];
/** Possible responses to requests that have a body or write. */
const WRITES = ['conflict', 'payload_too_large', 'unsupported_media_type'];
const IDEMPOTENCY = ['idempotency.in_progress', 'idempotency.invalid_key', 'idempotency.mismatch'];
/** Violations of the sign-in policy, which every request of a session must satisfy. */
const SIGN_IN_POLICY = [
  'auth.email_domain_not_allowed',
  'auth.method_not_allowed',
  'auth.mfa_required',
  'auth.session_too_old',
];

/** Errors for an organization or unit in the path that does not exist, is suspended or pending deletion. */
function placeErrors({ path, rule }: OperationFacts): string[] {
  if (!rule || rule.level === 'account' || rule.level === 'public') return [];
  const codes: string[] = [];
  if (path.includes('{orgId}')) {
    codes.push('organizations.not_found');
    if (!rule.whileDeleted) codes.push('organizations.pending_deletion');
    if (!(rule.level === 'organization' && rule.whileSuspended)) codes.push('organizations.suspended');
  }
  if (path.includes('{unitId}')) {
    codes.push('units.not_found', 'units.suspended');
    if (!rule.whileDeleted) codes.push('units.pending_deletion');
  }
  return codes;
}

function accessErrors(facts: OperationFacts): string[] {
  const { path, rule } = facts;
  const namesOperator = path.includes('{operator}') || path.includes('{operatorId}');
  const codes = namesOperator ? ['operators.not_found'] : [];
  if (!rule || rule.level === 'public') return codes;
  codes.push('auth.unauthenticated', 'auth.invalid_token', ...placeErrors(facts));
  const forKeys = (rule.level === 'organization' || rule.level === 'unit') && !rule.personOnly;
  if (!forKeys) codes.push('auth.user_required');
  if (rule.level !== 'account') codes.push('auth.forbidden', ...SIGN_IN_POLICY);
  // Also where no fresh proof is asked for: a session may rest on the word of an identity provider that has no say here.
  if (!rule.withoutOwnProof) codes.push('auth.step_up_required');
  return codes;
}

/** Returns the codes that follow from how an operation is declared. Other errors of its service are in `@ApiErrors`. */
export function derivedErrors(facts: OperationFacts): string[] {
  const codes = [...ALWAYS, ...accessErrors(facts)];
  // Invalid credentials are limited on unlimited routes too.
  if (!facts.unlimited || facts.rule?.level !== 'public') codes.push('rate_limited');
  if (facts.path.includes('{')) codes.push('not_found');
  if (facts.method !== 'get') codes.push(...WRITES);
  if (facts.conditional) codes.push('precondition_failed');
  if (facts.browserSession) codes.push('auth.foreign_origin');
  if (facts.paged) codes.push('invalid_cursor');
  if (facts.idempotency === 'frame') codes.push(...IDEMPOTENCY);
  if (facts.showsSecret) codes.push('idempotency.secret_already_shown');
  return codes;
}
