import { EnumField, IntegerField, SecretField, TextField, UuidField } from '../../../common/validation/index.js';

/** Literals only: names such as `localhost` may resolve to another machine (RFC 8252, 8.3). */
const LOOPBACK_URL =
  /^http:\/\/(?:127\.0\.0\.1|\[::1\]):\d{1,5}\/[\w.~!$&'()*+,;=:@%/-]*(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?$/;
const CHALLENGE = /^[\w-]{43}$/;

export const RedirectUriField = (optional = false) =>
  TextField({
    max: 500,
    optional,
    pattern: LOOPBACK_URL,
    example: 'http://127.0.0.1:49152/callback',
    description:
      'The address of the program on the user’s machine: `http://127.0.0.1:{port}/…` or `http://[::1]:{port}/…`.',
  });

export class CreateLoginCode {
  @RedirectUriField()
  redirectUri: string;

  @TextField({
    max: 43,
    pattern: CHALLENGE,
    example: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    description: 'BASE64URL(SHA-256(verifier)) (RFC 7636).',
  })
  codeChallenge: string;

  @EnumField(['S256'], { optional: true, default: 'S256', name: 'CodeChallengeMethod' })
  codeChallengeMethod?: 'S256';

  @TextField({ max: 500, optional: true, description: 'Returned to the program as it is.' })
  state?: string;

  @UuidField({ optional: true, description: 'The organization that the program enters.' })
  organizationId?: string;
}

export class LoginCodeView {
  @SecretField({ max: 200, description: 'For `POST …/auth/token` with the grant type `authorization_code`, once.' })
  code: string;

  @TextField({
    max: 2000,
    example: 'http://127.0.0.1:49152/callback?code=trt_…&state=…&iss=https%3A%2F%2Ftrellis.example.com',
    description: 'Where to send the browser: the redirect URI with `code`, `state` and `iss` (RFC 9207).',
  })
  redirectTo: string;

  @IntegerField({ min: 1, max: 600, description: 'Seconds.' })
  expiresIn: number;
}
