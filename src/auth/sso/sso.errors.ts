import { defineErrors } from '../../common/errors/index.js';

export const ssoErrors = defineErrors('sso', {
  connection_not_found: ['not_found', 'The single sign-on connection does not exist.'],
  connection_disabled: ['forbidden', 'This sign-in method is disabled.'],
  limit_reached: [
    'conflict',
    'The limit of single sign-on connections of this organization is reached. Remove one first.',
  ],
  issuer_not_allowed: [
    'unprocessable',
    'The provider must have a public address and use HTTPS. Exceptions can be set in ALLOWED_PRIVATE_HOSTS on the server.',
  ],
  return_not_allowed: [
    'unprocessable',
    'returnTo must be an address of this server or, with a codeChallenge, of a program on the same machine (127.0.0.1).',
  ],
  provider_unreachable: [
    'unprocessable',
    'The identity provider could not be reached. Check its URL or try again later.',
  ],
  provider_invalid: ['unprocessable', 'The response of the identity provider cannot be used.'],
  provider_refused: ['forbidden', 'The identity provider refused to sign you in.'],
  code_rejected: ['unauthenticated', 'The identity provider rejected its own code or this client.'],
  state_invalid: [
    'unprocessable',
    'This sign-in is already finished, has expired, or was not started here. Start again.',
  ],
  browser_mismatch: ['forbidden', 'This sign-in was started in another browser. Start again in this one.'],
  response_invalid: ['unauthenticated', 'The response of the identity provider is not valid.'],
  issuer_mismatch: ['unauthenticated', 'The response comes from a different identity provider.'],
  audience_mismatch: ['unauthenticated', 'The response is meant for another service.'],
  nonce_mismatch: ['unauthenticated', 'The response belongs to another sign-in.'],
  claim_missing: ['unauthenticated', 'The response of the identity provider lacks a required claim.'],
  signature_invalid: ['unauthenticated', 'The signature of the response is not valid for this identity provider.'],
  assertion_not_decrypted: [
    'unauthenticated',
    'The encrypted assertion cannot be decrypted with the key of this connection, or is not signed by its identity provider.',
  ],
  key_not_found: ['unauthenticated', 'The key that signed the response was not found at the identity provider.'],
  algorithm_not_allowed: ['unauthenticated', 'The response is not signed, or with an algorithm that is not allowed.'],
  token_expired: ['unauthenticated', 'The response of the identity provider has expired, or is not valid yet.'],
  login_not_repeated: [
    'forbidden',
    'The identity provider did not ask you to sign in again, or did not say when you did. Sign in there again.',
  ],
  logout_token_invalid: ['invalid', 'The logout token is not valid for this connection.'],
  logout_request_invalid: [
    'invalid',
    'The logout request is not valid: it must be signed by the identity provider of this connection, be recent, and name a user.',
  ],
  hash_mismatch: ['unauthenticated', 'The parts of the response do not belong together.'],
  in_response_to_mismatch: ['unauthenticated', 'The response does not belong to this sign-in.'],
  recipient_mismatch: ['unauthenticated', 'The response was meant for another address.'],
  assertion_replayed: ['unauthenticated', 'This response was already used. Sign in again.'],
  idp_initiated_not_allowed: [
    'forbidden',
    'Sign-ins that start at the identity provider are not allowed here. Start here instead.',
  ],
  email_missing: ['forbidden', 'The identity provider did not send your email address.'],
  address_reused: [
    'forbidden',
    'Your email address belongs to the account of another user of this identity provider. Ask an admin to change the address of that account.',
  ],
  email_not_verified: ['forbidden', 'The identity provider has not verified your email address.'],
  domain_not_verified: [
    'forbidden',
    'Your email address is not in a verified domain of this organization. Sign in another way, then link this identity to your account.',
  ],
  organization_mismatch: ['forbidden', 'The identity provider says that you belong to another organization.'],
  not_a_member: ['forbidden', 'You are not a member of this organization. Ask an admin to invite you.'],
  invalid_code: ['unprocessable', 'This code is not valid, has expired or was already used. Sign in again.'],
  identity_taken: ['conflict', 'Another account is linked to this identity.'],
  last_way_in: [
    'conflict',
    'This is your only way to sign in. Set a password, add a passkey or link another identity first.',
  ],
  identity_not_found: ['not_found', 'The linked identity does not exist.'],
});
