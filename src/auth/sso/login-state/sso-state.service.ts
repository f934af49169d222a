import { Injectable } from '@nestjs/common';
import type { OperatorRef } from '../../../common/access/index.js';
import { SecretBox } from '../../../common/crypto/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { hashOfBrowser, type IssuedOneTimeToken, OneTimeTokenService, type Purpose } from '../../identity/index.js';
import { storableClaims } from '../claims.js';
import type { Exchange } from '../oidc/oidc-provider.js';
import { ssoErrors } from '../sso.errors.js';
import type { PendingSsoLogin, PendingSamlResponse, SamlVerdict } from './pending-sso-login.js';

const STATE_SECONDS = 600;
const TICKET_SECONDS = 120;
/** Longer than any assertion is accepted. */
const ASSERTION_SECONDS = 3600;

const isOf = ({ browser: hash }: PendingSsoLogin, browser: string | null): boolean =>
  browser !== null && hash === hashOfBrowser(browser);

/** Stores the state of a sign-in while its browser is away. Each value can be used once. */
@Injectable()
export class SsoStateService {
  constructor(
    private readonly db: Database,
    private readonly tokens: OneTimeTokenService,
    private readonly secrets: SecretBox,
  ) {}

  /** Returns the state that the provider sends back. */
  begin(operator: OperatorRef, begun: PendingSsoLogin): Promise<string> {
    return this.issue(operator, 'sso_state', { ...begun }, STATE_SECONDS);
  }

  /** Uses the state, only in the browser that started. */
  resume(operator: OperatorRef, state: string, browser: string | null): Promise<PendingSsoLogin> {
    return this.db.transaction(
      async (tx) => {
        const begun = await this.redeemed<PendingSsoLogin>(tx, 'sso_state', operator.id, state);
        if (!isOf(begun, browser)) throw ssoErrors.browser_mismatch();
        return begun;
      },
      { keepsAccess: true },
    );
  }

  /** Uses the state in any browser. */
  take(operator: OperatorRef, state: string): Promise<PendingSsoLogin> {
    return this.db.transaction((tx) => this.redeemed<PendingSsoLogin>(tx, 'sso_state', operator.id, state), {
      keepsAccess: true,
    });
  }

  /** Returns a ticket for a browser that posted without its cookie. */
  wait(operator: OperatorRef, begun: PendingSsoLogin, verdict: SamlVerdict): Promise<string> {
    const storable =
      'assertion' in verdict
        ? { assertion: { ...verdict.assertion, claims: storableClaims(verdict.assertion.claims) } }
        : verdict;
    const waiting: PendingSamlResponse = { begun, ...storable };
    return this.issue(operator, 'sso_ticket', { ...waiting }, TICKET_SECONDS);
  }

  awaited(operator: OperatorRef, ticket: string, browser: string | null): Promise<PendingSamlResponse> {
    return this.db.transaction(
      async (tx) => {
        const waiting = await this.redeemed<PendingSamlResponse>(tx, 'sso_ticket', operator.id, ticket);
        if (!isOf(waiting.begun, browser)) throw ssoErrors.browser_mismatch();
        return waiting;
      },
      { keepsAccess: true },
    );
  }

  /** Rejects an assertion that was used before. */
  async assertNew(tx: Tx, operator: OperatorRef, connectionId: string, assertionId: string | undefined): Promise<void> {
    if (assertionId !== undefined && !(await this.isNew(tx, operator, connectionId, assertionId)))
      throw ssoErrors.assertion_replayed();
  }

  /** Tells whether a message of a provider, by its id, arrives for the first time, and notes it. */
  isNew(tx: Tx, operator: OperatorRef, connectionId: string, messageId: string): Promise<boolean> {
    return this.tokens.spend(tx, 'saml_assertion', operator.id, `${connectionId} ${messageId}`, ASSERTION_SECONDS);
  }

  /** Derives nonce and verifier from the state and the servers' key, so that only this deployment knows them. */
  exchangeOf(state: string): Exchange {
    return { state, nonce: this.secrets.sign('sso-nonce', state), verifier: this.secrets.sign('sso-verifier', state) };
  }

  /** Returns a valid XML name. */
  requestIdOf(state: string): string {
    return `_${this.secrets.sign('saml-request', state)}`;
  }

  private issue(
    operator: OperatorRef,
    purpose: Purpose,
    payload: Record<string, unknown>,
    ttlSeconds: number,
  ): Promise<string> {
    return this.db.transaction(
      (tx) => this.tokens.issue(tx, { purpose, operatorId: operator.id, payload, ttlSeconds }),
      { keepsAccess: true },
    );
  }

  private async redeemed<T>(tx: Tx, purpose: Purpose, operatorId: string, token: string): Promise<T> {
    const { payload } = await redeeming(this.tokens, tx, purpose, operatorId, token, ssoErrors.state_invalid);
    return payload as T;
  }
}

/** Uses a token and replaces the refusal by one of single sign-on. */
export async function redeeming(
  tokens: OneTimeTokenService,
  tx: Tx,
  purpose: Purpose,
  operatorId: string,
  token: string,
  refusal: () => AppError,
): Promise<IssuedOneTimeToken> {
  try {
    return await tokens.redeem(tx, purpose, operatorId, token);
  } catch (error) {
    throw error instanceof AppError ? refusal() : error;
  }
}
