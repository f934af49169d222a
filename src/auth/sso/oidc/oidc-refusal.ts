import * as client from 'openid-client';
import { AppError } from '../../../common/errors/index.js';
import { OutgoingError } from '../../../common/outgoing/index.js';
import { isPrintable } from '../../../common/validation/index.js';
import { ssoErrors } from '../sso.errors.js';

const MAX_CAUSES = 5;

/** Returns an error and its causes, outermost first. */
function chainOf(error: unknown): unknown[] {
  const chain = [error];
  while (chain.length < MAX_CAUSES) {
    const last = chain.at(-1);
    if (!(last instanceof Error) || last.cause === undefined) break;
    chain.push(last.cause);
  }
  return chain;
}

/** Returns a word of the provider that is safe to show. */
const word = (text: unknown): string | undefined =>
  typeof text === 'string' && text.length <= 100 && isPrintable(text) ? text : undefined;

const OF_CLAIM: Record<string, () => AppError> = {
  iss: () => ssoErrors.issuer_mismatch(),
  aud: () => ssoErrors.audience_mismatch(),
  azp: () => ssoErrors.audience_mismatch(),
  nonce: () => ssoErrors.nonce_mismatch(),
};

/** Maps messages of the library to refusals. The first match wins. */
const OF_MESSAGE: [RegExp, (message: string) => AppError][] = [
  [/"nonce" \(nonce\) claim missing/, () => ssoErrors.nonce_mismatch()],
  [
    /^JWT "(\w+)" .*claim missing/,
    (message) => ssoErrors.claim_missing({ data: { claim: /^JWT "(\w+)"/.exec(message)?.[1] } }),
  ],
  [/response" body "id_token" property/, () => ssoErrors.claim_missing({ data: { claim: 'id_token' } })],
  [/signature verification failed/, () => ssoErrors.signature_invalid()],
  [/JWT "alg" header/, () => ssoErrors.algorithm_not_allowed()],
  [/response parameter "iss"|"iss" \(issuer\) response parameter/, () => ssoErrors.issuer_mismatch()],
  [/metadata issuer does not match/, () => ssoErrors.issuer_mismatch()],
  [/authorization server metadata does not contain/, () => ssoErrors.provider_invalid()],
  [/"state" response parameter/, () => ssoErrors.state_invalid()],
];

const OF_CODE: Record<string, () => AppError> = {
  OAUTH_KEY_SELECTION_FAILED: () => ssoErrors.key_not_found(),
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: () => ssoErrors.token_expired(),
  OAUTH_UNSUPPORTED_OPERATION: () => ssoErrors.algorithm_not_allowed(),
  OAUTH_RESPONSE_IS_NOT_CONFORM: () => ssoErrors.provider_invalid(),
  OAUTH_RESPONSE_IS_NOT_JSON: () => ssoErrors.provider_invalid(),
  OAUTH_MISSING_SERVER_METADATA: () => ssoErrors.provider_invalid(),
  OAUTH_INVALID_SERVER_METADATA: () => ssoErrors.provider_invalid(),
  OAUTH_HTTP_REQUEST_FORBIDDEN: () => ssoErrors.issuer_not_allowed(),
  OAUTH_REQUEST_PROTOCOL_FORBIDDEN: () => ssoErrors.issuer_not_allowed(),
  OAUTH_PARSE_ERROR: () => ssoErrors.response_invalid(),
  OAUTH_INVALID_RESPONSE: () => ssoErrors.response_invalid(),
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: () => ssoErrors.response_invalid(),
};

const claimOf = (error: unknown): string | undefined => {
  const claim = typeof error === 'object' && error !== null && 'claim' in error ? error.claim : undefined;
  return typeof claim === 'string' ? claim : undefined;
};

const isOutgoing = (error: unknown): error is OutgoingError => error instanceof OutgoingError;

/** Returns the refusal for a failure between this server and a provider. */
export function oidcRefusal(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof client.AuthorizationResponseError)
    return ssoErrors.provider_refused({ data: { providerError: word(error.error) } });
  if (error instanceof client.ResponseBodyError)
    return ssoErrors.code_rejected({ data: { providerError: word(error.error) } });
  if (error instanceof client.WWWAuthenticateChallengeError) return ssoErrors.code_rejected();
  const chain = chainOf(error);
  const outgoing = chain.find(isOutgoing);
  if (outgoing) return outgoingRefusal(outgoing);
  for (const one of chain) {
    const message = one instanceof Error ? one.message : '';
    const refusal =
      OF_CLAIM[claimOf(one) ?? '']?.() ?? OF_MESSAGE.find(([pattern]) => pattern.test(message))?.[1](message);
    if (refusal) return refusal;
  }
  const code = chain.map((one) => (one as { code?: unknown } | null)?.code).find((one) => typeof one === 'string');
  return OF_CODE[code ?? '']?.() ?? ssoErrors.response_invalid();
}

export function outgoingRefusal({ reason }: OutgoingError): AppError {
  if (reason === 'address_not_allowed' || reason === 'not_https') return ssoErrors.issuer_not_allowed();
  return reason === 'too_large' ? ssoErrors.provider_invalid() : ssoErrors.provider_unreachable();
}
