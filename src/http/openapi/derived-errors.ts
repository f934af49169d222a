import type { AccessRule } from '../../common/access/index.js';

/** What the error codes of an operation follow from. */
export interface OperationFacts {
  /** As in openapi.json: `/t/{operator}/…`. */
  path: string;
  method: string;
  rule: AccessRule | undefined;
  /** Not counted by the request limiter. */
  unlimited: boolean;
  /** `Idempotency-Key` is kept by the frame, by the route itself, or not at all. */
  idempotency: 'frame' | 'own' | 'none';
  /** The operation takes `If-Match`. */
  conditional: boolean;
  /** The operation takes `cursor`. */
  paged: boolean;
}

/** Answered by the frame to any request. */
const ALWAYS = ['internal_error', 'malformed_request', 'unavailable', 'validation_failed'];
/** Whatever reads a body, or writes. */
const WRITES = ['conflict', 'payload_too_large', 'unsupported_media_type'];
const IDEMPOTENCY = ['idempotency.in_progress', 'idempotency.invalid_key', 'idempotency.mismatch'];
/** The sign-in policy of the place, which every request of a session has to satisfy. */
const SIGN_IN_POLICY = [
  'auth.email_domain_not_allowed',
  'auth.method_not_allowed',
  'auth.mfa_required',
  'auth.session_too_old',
];

/** An organization or unit in the path that is not there, is suspended, or awaits its purge. */
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
  if (rule.freshProof) codes.push('auth.step_up_required');
  return codes;
}

/** The codes that follow from how an operation is declared. What its service refuses besides stands in `@ApiErrors`. */
export function derivedErrors(facts: OperationFacts): string[] {
  const codes = [...ALWAYS, ...accessErrors(facts)];
  // A credential that is not accepted is counted on unlimited routes too.
  if (!facts.unlimited || facts.rule?.level !== 'public') codes.push('rate_limited');
  if (facts.path.includes('{')) codes.push('not_found');
  if (facts.method !== 'get') codes.push(...WRITES);
  if (facts.conditional) codes.push('precondition_failed');
  if (facts.paged) codes.push('invalid_cursor');
  if (facts.idempotency === 'frame') codes.push(...IDEMPOTENCY);
  return codes;
}
