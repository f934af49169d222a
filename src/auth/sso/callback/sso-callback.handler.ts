import { Injectable } from '@nestjs/common';
import type { OperatorRef, Origin } from '../../../common/access/index.js';
import { Database } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import type { Proof } from '../../access/index.js';
import { type NewOneTimeToken, OneTimeTokenService } from '../../identity/index.js';
import { ClaimWarningReporter } from '../admission/claim-warning.reporter.js';
import type { Claims } from '../claims.js';
import { ConnectionTestService } from '../connection-tests/connection-test.service.js';
import type { SsoTrialView } from '../connections/connection-test.dto.js';
import { SsoAdmissionService } from '../admission/sso-admission.service.js';
import type { PendingSsoLogin } from '../login-state/pending-sso-login.js';
import type { SsoIntent } from '../sso-intent.js';
import type { SsoCodeView } from './sso-code.dto.js';
import type { ProviderResponse } from '../login-state/provider-response.js';
import { SsoStateService } from '../login-state/sso-state.service.js';
import { ssoErrors } from '../sso.errors.js';

const CODE_SECONDS = 120;

/** The payload of the code that is exchanged for tokens. */
export interface SsoGrant {
  connectionId: string;
  issuer: string;
  organizationId: string;
  claims: Claims;
  providerSession: string | null;
  proof: Proof;
  codeChallenge?: string;
  audience?: string;
}

/** The payload of the code that links an identity to an account. */
export interface PendingLink {
  connectionId: string;
  issuer: string;
  sessionId: string;
  subject: string;
  codeChallenge?: string;
}

/**
 * Result of an SSO round trip: a code, the result of a connection test, or a refusal for the program that started it.
 */
export interface SsoResult {
  returnTo: string | undefined;
  begun: PendingSsoLogin;
  result: SsoCodeView | SsoTrialView | AppError;
}

/** Completes an SSO round trip for its purpose once the browser is back. */
@Injectable()
export class SsoCallbackHandler {
  constructor(
    private readonly db: Database,
    private readonly states: SsoStateService,
    private readonly admission: SsoAdmissionService,
    private readonly warnings: ClaimWarningReporter,
    private readonly trials: ConnectionTestService,
    private readonly tokens: OneTimeTokenService,
  ) {}

  /** Returns refusals to the program that started the round trip, which knows what to do next. */
  async end(
    operator: OperatorRef,
    begun: PendingSsoLogin,
    origin: Origin,
    answer: () => Promise<ProviderResponse>,
  ): Promise<SsoResult> {
    const { returnTo, intent } = begun;
    if (intent?.kind === 'test')
      return { returnTo: undefined, begun, result: await this.trials.run(operator, begun, intent, origin, answer) };
    try {
      const answered = await answer();
      assertRepeated(begun, answered);
      const token = intent
        ? await this.linking(operator, answered, begun, intent)
        : await this.signIn(operator, answered, begun, origin);
      return { returnTo, begun, result: token };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { returnTo, begun, result: error };
    }
  }

  private async signIn(
    operator: OperatorRef,
    { connection, assertion }: ProviderResponse,
    { codeChallenge, audience }: PendingSsoLogin,
    origin: Origin,
  ): Promise<SsoCodeView> {
    const { id: connectionId, organizationId, type: method } = connection;
    const { code, admitted } = await this.db.transaction(async (tx) => {
      await this.states.assertNew(tx, operator, connectionId, assertion.assertionId);
      const admission = await this.admission.admit(tx, operator, connection, assertion, origin);
      const { user, claims } = admission;
      const finished: SsoGrant = {
        connectionId,
        issuer: assertion.issuer,
        organizationId,
        claims,
        providerSession: assertion.providerSession,
        proof: {
          method,
          factors: assertion.askedForMore ? ['sso'] : [],
          ssoOrganizationId: organizationId,
          ssoAuthenticatedAt: assertion.authenticatedAt,
        },
        ...(codeChallenge !== undefined && { codeChallenge }),
        ...(audience !== undefined && { audience }),
      };
      const issued = await this.tokens.issue(tx, codeFor('sso_code', operator, user.id, { ...finished }));
      return { code: issued, admitted: admission };
    });
    await this.warnings.report(connection, admitted.user.id, admitted.warnings);
    return { code, expiresIn: CODE_SECONDS, organizationId };
  }

  /** Issues the code for linking. Only the session that started can link the identity, whichever browser came back. */
  private async linking(
    operator: OperatorRef,
    { connection, assertion }: ProviderResponse,
    { codeChallenge }: PendingSsoLogin,
    { userId, sessionId }: SsoIntent & { kind: 'link' },
  ): Promise<SsoCodeView> {
    const { id: connectionId, organizationId } = connection;
    const { issuer, subject, assertionId } = assertion;
    const linking: PendingLink = {
      connectionId,
      issuer,
      sessionId,
      subject,
      ...(codeChallenge !== undefined && { codeChallenge }),
    };
    const code = await this.db.transaction(
      async (tx) => {
        await this.states.assertNew(tx, operator, connectionId, assertionId);
        return this.tokens.issue(tx, codeFor('sso_link', operator, userId, { ...linking }));
      },
      { keepsAccess: true },
    );
    return { code, expiresIn: CODE_SECONDS, organizationId };
  }
}

const codeFor = (
  purpose: NewOneTimeToken['purpose'],
  { id: operatorId }: OperatorRef,
  userId: string,
  payload: Record<string, unknown>,
): NewOneTimeToken => ({ purpose, operatorId, userId, payload, ttlSeconds: CODE_SECONDS });

/** Where the provider was asked to authenticate the user again, it has to say that it did. */
function assertRepeated({ authenticatedAfter }: PendingSsoLogin, { assertion }: ProviderResponse): void {
  if (authenticatedAfter === undefined) return;
  if (Date.parse(assertion.authenticatedAt ?? '') >= Date.parse(authenticatedAfter)) return;
  throw ssoErrors.login_not_repeated();
}
