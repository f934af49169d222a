export { AccessModule } from './access.module.js';
export { authErrors } from './auth.errors.js';
export { RefusedAttemptService } from './refused-attempts/refused-attempt.service.js';
export { RouteRules, type RouteRule } from './guard/route-rules.js';
export { PUBLISH_SECONDS, SigningKeyService } from './tokens/signing-key.service.js';
export type { AccessFacts, FoundOrganization } from './access-facts.js';
export { CurrentOrigin } from './current-origin.js';
export { AccessStore } from './guard/access.store.js';
export { operatorOf } from './operator-of.js';
export { type Factor, type Proof, type SessionFacts, amrOf, hasOwnProof, isOwn, newSession, proofBy } from './proof.js';
export { SESSION_FACTS } from './session-facts.js';
export {
  type PolicyContext,
  SIGN_IN_POLICY_ERRORS,
  accessTokenSeconds,
  effectivePolicy,
  policyContextOf,
  violation,
} from './sign-in-policy.js';
export { type EnrolledFactors, factorsOf, hasAny } from './step-up/enrolled-factors.js';
export { FRESH_SECONDS, lacksMethod, StepUpPolicy, stepUpRequired } from './step-up/step-up.policy.js';
export { StepUpStore } from './step-up/step-up.store.js';
export { ACCESS_TOKEN_TYPE, ALGORITHM, AUDIENCE, type AccessTokenClaims } from './tokens/access-token.js';
export { AccessTokenVerifier } from './tokens/access-token.verifier.js';
export { BearerAuthenticator } from './tokens/bearer-authenticator.js';
export { KEY_SET_SECONDS } from './tokens/signing-key.service.js';
