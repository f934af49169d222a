// Verifies access tokens as a service that reads their claims has to (docs/guides/verify-tokens.md):
//
//   npm install jose
//   ISSUER=https://trellis.example OPERATOR=acme AUDIENCE=https://jobs.acme.example node verify-access-token.mjs < tokens
//
// One token a line; one line of JSON for each: {"claims": {…}} or {"refused": "why"}.
import process from 'node:process';
import { createInterface } from 'node:readline';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

// AUDIENCE: the one this service was registered with; OPERATOR: the slug of whose service it is.
const { ISSUER = 'http://localhost:3000', AUDIENCE = 'trellis', OPERATOR } = process.env;
const { JWKS_URL = `${ISSUER}/.well-known/jwks.json` } = process.env;

// Make it once and keep it: it remembers the keys, reads them again after five minutes, and when a token names one it does
// not know, at most every ten seconds.
const keys = createRemoteJWKSet(new URL(JWKS_URL), { cacheMaxAge: 5 * 60_000, cooldownDuration: 10_000 });

/** The claims of an access token. Throws an error of `jose` for everything that is not one, or not for this service. */
async function verifyAccessToken(token) {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['RS256'],
    typ: 'at+jwt',
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ['sub', 'iat', 'exp', 'jti', 'op_id'],
    clockTolerance: 5,
  });
  // All operators of a deployment have the same issuer and keys, and each names its audiences by itself.
  if (OPERATOR && payload.op_slug !== OPERATOR)
    throw new errors.JWTClaimValidationFailed('another operator', payload, 'op_slug', 'check_failed');
  return payload;
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await verifyAccessToken(line.trim()).then(
    (claims) => ({ claims }),
    (error) => {
      // Anything else, such as keys that cannot be fetched, says nothing about the token: answer 503, not 401.
      const known = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
      return known ? { refused: error.code, claim: error.claim } : { unavailable: String(error) };
    },
  );
  console.log(JSON.stringify(answer));
}
