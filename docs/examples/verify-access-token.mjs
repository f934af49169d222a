// Verifies access tokens the way a service must before it trusts their claims (docs/guides/verify-tokens.md):
//
//   npm install jose
//   ISSUER=https://trellis.example OPERATOR=acme AUDIENCE=https://jobs.acme.example node verify-access-token.mjs < tokens
//
// Reads one token per line and prints one line of JSON for each: {"claims": {…}} or {"refused": "why"}.
import process from 'node:process';
import { createInterface } from 'node:readline';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

// AUDIENCE is the audience registered for this service, OPERATOR the slug of its operator.
const { ISSUER = 'http://localhost:3000', AUDIENCE = 'trellis', OPERATOR } = process.env;
const { JWKS_URL = `${ISSUER}/.well-known/jwks.json` } = process.env;

// Create this once and keep it. It caches the keys for five minutes and fetches them again when a token names an unknown
// key, at most every ten seconds.
const keys = createRemoteJWKSet(new URL(JWKS_URL), { cacheMaxAge: 5 * 60_000, cooldownDuration: 10_000 });

/** Returns the claims of an access token. Throws an error of `jose` unless it is a valid one for this service. */
async function verifyAccessToken(token) {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['RS256'],
    typ: 'at+jwt',
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ['sub', 'iat', 'exp', 'jti', 'op_id'],
    clockTolerance: 5,
  });
  // All operators of a deployment share issuer and keys, and two of them may use the same audience.
  if (OPERATOR && payload.op_slug !== OPERATOR)
    throw new errors.JWTClaimValidationFailed('another operator', payload, 'op_slug', 'check_failed');
  return payload;
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await verifyAccessToken(line.trim()).then(
    (claims) => ({ claims }),
    (error) => {
      // On any other error, such as keys that cannot be fetched, the token may be valid: answer 503, not 401.
      const known = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
      return known ? { refused: error.code, claim: error.claim } : { unavailable: String(error) };
    },
  );
  console.log(JSON.stringify(answer));
}
