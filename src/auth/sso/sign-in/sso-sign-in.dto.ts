import { SecretField, TextField } from '../../../common/validation/index.js';
import { AudienceField } from '../../identity/index.js';

const CHALLENGE = /^[\w-]{43}$/;

export class StartSso {
  @TextField({
    max: 2000,
    optional: true,
    description:
      'Where to go in the end, with `code` (or `error`) in the query: below BASE_URL, or `http://127.0.0.1:…` with a `codeChallenge`. Left out: the callback answers itself.',
  })
  returnTo?: string;

  @TextField({
    pattern: CHALLENGE,
    max: 43,
    optional: true,
    description: 'BASE64URL(SHA-256(verifier)), as PKCE has it: then the code is worth nothing without `codeVerifier`.',
  })
  codeChallenge?: string;

  @TextField({
    max: 254,
    optional: true,
    description: 'The address that the user already typed, passed on to the provider.',
  })
  loginHint?: string;

  @SecretField({
    max: 200,
    optional: true,
    description:
      'The token that a connection test or the linking of an identity returned. The round trip then creates no session.',
  })
  intent?: string;

  @AudienceField()
  audience?: string;
}

export class RedeemSsoCode {
  @SecretField({ max: 200 })
  code: string;

  @SecretField({ min: 43, optional: true, description: 'When the sign-in began with a `codeChallenge`.' })
  codeVerifier?: string;
}
