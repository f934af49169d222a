import { EnumField, SecretField, TextField } from '../../../common/validation/index.js';
import { AudienceField } from '../../identity/index.js';

const CHALLENGE = /^[\w-]{43}$/;

export class StartSso {
  @TextField({
    max: 2000,
    optional: true,
    description:
      'The URL where the sign-in ends, with `code`, or `error` and the id of the `connection`, in the query. It must be below BASE_URL, or `http://127.0.0.1:…` with a `codeChallenge`. If omitted, the callback responds itself.',
  })
  returnTo?: string;

  @TextField({
    pattern: CHALLENGE,
    max: 43,
    optional: true,
    description: 'BASE64URL(SHA-256(verifier)), as in PKCE. The code is then useless without `codeVerifier`.',
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

  @EnumField(['login'], {
    optional: true,
    name: 'SsoPrompt',
    description:
      '`login`: the provider must authenticate the user again and say when it did. The session then counts as freshly proved in the organization of the provider.',
  })
  prompt?: 'login';

  @AudienceField()
  audience?: string;
}

export class RedeemSsoCode {
  @SecretField({ max: 200 })
  code: string;

  @SecretField({ min: 43, optional: true, description: 'Required if the sign-in started with a `codeChallenge`.' })
  codeVerifier?: string;
}
