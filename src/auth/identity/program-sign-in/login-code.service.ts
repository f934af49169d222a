import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database } from '../../../database/index.js';
import { RateLimitService } from '../../../limits/index.js';
import { OperatorService } from '../../../operators/index.js';
import { authErrors, FRESH_SECONDS, operatorOf, StepUpPolicy, StepUpStore } from '../../access/index.js';
import type { TokenView } from '../sessions/session.dto.js';
import { type Device, SessionService } from '../sessions/session.service.js';
import { OneTimeTokenService } from '../tokens/one-time-token.service.js';
import type { CreateLoginCode, LoginCodeView } from './login-code.dto.js';

const PURPOSE = 'login_code';
const CODE_SECONDS = 60;

interface LoginCode {
  sessionId: string;
  redirectUri: string;
  codeChallenge: string;
  organizationId: string | null;
}

interface Redemption {
  code: string;
  codeVerifier: string;
  redirectUri: string;
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** Adds parameters without changing the rest of the address, which was compared as text. */
function withQuery(uri: string, parameters: Record<string, string>): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(parameters).toString()}`;
}

/** Signs in a program on the user's machine with the session of the browser (RFC 8252), however that was opened. */
@Injectable()
export class LoginCodeService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly tokens: OneTimeTokenService,
    private readonly sessions: SessionService,
    private readonly stepUps: StepUpPolicy,
    private readonly proofs: StepUpStore,
    private readonly rateLimits: RateLimitService,
    private readonly config: Config,
  ) {}

  async create(access: PersonAccess, input: CreateLoginCode): Promise<LoginCodeView> {
    const { actor, homeOperatorId: operatorId } = access;
    await this.assertRecent(access);
    await this.rateLimits.consume('login_codes', actor.userId);
    const payload: LoginCode = {
      sessionId: actor.sessionId,
      redirectUri: input.redirectUri,
      codeChallenge: input.codeChallenge,
      organizationId: input.organizationId ?? null,
    };
    const code = await this.db.transaction((tx) =>
      this.tokens.issue(tx, {
        purpose: PURPOSE,
        operatorId,
        userId: actor.userId,
        payload: { ...payload },
        ttlSeconds: CODE_SECONDS,
      }),
    );
    const { state } = input;
    const parameters = { code, ...(state !== undefined && { state }), iss: this.config.baseUrl };
    return { code, redirectTo: withQuery(input.redirectUri, parameters), expiresIn: CODE_SECONDS };
  }

  /** Exchanges a code for a session of its own. The code stays valid after a refusal, until it expires. */
  async redeem(operatorSlug: string, redemption: Redemption, device: Device): Promise<TokenView> {
    await this.rateLimits.consume('sign_in_steps', device.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    return this.db.transaction(async (tx) => {
      const { userId, payload } = await this.tokens.redeem(tx, PURPOSE, operator.id, redemption.code);
      const code = payload as unknown as LoginCode;
      const isOwn =
        code.redirectUri === redemption.redirectUri && code.codeChallenge === challengeOf(redemption.codeVerifier);
      if (!isOwn) throw authErrors.invalid_one_time_token();
      const { sessionId, organizationId } = code;
      const grant = { userId: userId ?? '', sessionId, organizationId, by: 'loopback' as const };
      const view = await this.sessions.startFor(tx, operator, grant, device);
      if (!view) throw authErrors.invalid_one_time_token();
      return view;
    });
  }

  /**
   * Requires a session that began, or was proved, in the last ten minutes, because it is prolonged by another one. A sign-in
   * with an identity provider counts: the new session is as narrow.
   */
  private async assertRecent({ actor }: PersonAccess): Promise<void> {
    const session = await this.proofs.proofOf(this.db.reader, actor.sessionId);
    if (session && session.ageSeconds < FRESH_SECONDS) return;
    await this.stepUps.assertFresh(actor, session?.ssoOrganizationId ?? null);
  }
}
