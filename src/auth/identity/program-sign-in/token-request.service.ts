import { Injectable } from '@nestjs/common';
import { commonErrors, type FieldError, missingField } from '../../../common/errors/index.js';
import type { TokenView } from '../sessions/session.dto.js';
import { type Device, SessionService } from '../sessions/session.service.js';
import { DeviceLoginService } from './device-login.service.js';
import { LoginCodeService } from './login-code.service.js';
import type { GrantType, TokenRequest } from './token-request.dto.js';

type Field = Exclude<keyof TokenRequest, 'grantType'>;

const REQUIRED = {
  refresh_token: ['refreshToken'],
  authorization_code: ['code', 'codeVerifier', 'redirectUri'],
  device_code: ['deviceCode'],
} as const satisfies Record<GrantType, readonly Field[]>;
const ALLOWED: Record<GrantType, readonly Field[]> = {
  ...REQUIRED,
  refresh_token: ['refreshToken', 'organizationId', 'scope', 'audience'],
};

function assertFields(input: TokenRequest, grantType: GrantType): void {
  const given = (Object.keys(input) as (keyof TokenRequest)[]).filter((field) => input[field] !== undefined);
  const errors: FieldError[] = [
    ...REQUIRED[grantType].filter((field) => input[field] === undefined).map((field) => missingField(field)),
    ...given
      .filter((field) => field !== 'grantType' && !ALLOWED[grantType].includes(field))
      .map((field) => ({ field, message: `${field} does not belong to the grant type ${grantType}` })),
  ];
  if (errors.length > 0) throw commonErrors.validation_failed({ errors });
}

/** Gives tokens for a refresh token, or to a program for the code that a user let it have. */
@Injectable()
export class TokenRequestService {
  constructor(
    private readonly sessions: SessionService,
    private readonly loginCodes: LoginCodeService,
    private readonly deviceLogins: DeviceLoginService,
  ) {}

  issue(operator: string, { grantType = 'refresh_token', ...input }: TokenRequest, device: Device): Promise<TokenView> {
    assertFields(input, grantType);
    const { refreshToken = '', code = '', codeVerifier = '', redirectUri = '', deviceCode = '', ...wanted } = input;
    if (grantType === 'device_code') return this.deviceLogins.redeem(operator, deviceCode, device);
    if (grantType === 'authorization_code')
      return this.loginCodes.redeem(operator, { code, codeVerifier, redirectUri }, device);
    return this.sessions.refresh(operator, refreshToken, wanted, device);
  }
}
