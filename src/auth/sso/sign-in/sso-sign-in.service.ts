import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { OperatorRef, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { SecretBox } from '../../../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../../../common/database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { isId } from '../../../common/ids/index.js';
import { Operators } from '../../../operators/index.js';
import { organizationErrors } from '../../../organizations/index.js';
import { Users } from '../../../users/index.js';
import { authErrors } from '../../auth.errors.js';
import { Audiences } from '../../clients/audiences.js';
import { Attempts } from '../../credentials/attempts.js';
import { type SignedIn, SignIn, tokensOf } from '../../credentials/sign-in.service.js';
import type { Proof } from '../../entry/proof.js';
import { operatorOf } from '../../operator-of.js';
import type { Device } from '../../sessions/session.service.js';
import { type IssuedOneTimeToken, OneTimeTokens, type Purpose } from '../../tokens/one-time-tokens.js';
import { hashOfBrowser, newBrowser } from '../browser.js';
import { askedForMore, type Claims, keptClaims } from '../claims.js';
import type { SamlSettings } from '../connections/connection.entity.js';
import { ConnectionStore, type UsableConnection } from '../connections/connection.store.js';
import { redirectUriOf, serviceProviderOf } from '../connections/connection.view.js';
import { type Exchange, OidcProvider } from '../oidc/oidc-provider.js';
import { type SamlAssertion, SamlProvider } from '../saml/saml-provider.js';
import { ssoErrors } from '../sso.errors.js';
import { type Assertion, SsoAdmission } from './admission.js';
import { assertReturn } from './return-to.js';
import type { RedeemSsoCode, SsoCodeView, StartSso } from './sso-sign-in.dto.js';

const STATE_SECONDS = 600;
const CODE_SECONDS = 120;
/** Longer than any assertion is taken. */
const ASSERTION_SECONDS = 3600;

/** What waits while somebody is at his provider. */
interface Begun {
  connectionId: string;
  /** Hash of the secret of the browser that began. */
  browser: string;
  returnTo?: string;
  codeChallenge?: string;
  audience?: string;
}

/** What waits for whoever fetches the tokens. */
interface Finished {
  connectionId: string;
  organizationId: string;
  claims: Claims;
  proof: Proof;
  codeChallenge?: string;
  audience?: string;
}

/** A sign-in that is all but done, until its browser shows itself. */
interface Waiting {
  begun: Begun;
  assertion: SamlAssertion;
}

export interface SamlForm {
  SAMLResponse: string;
  RelayState?: string | undefined;
}

export interface Started {
  location: string;
  browser: string;
}

/** How a sign-in ended: with a code, or with a refusal for the program that began it. */
export interface Ended {
  returnTo: string | undefined;
  result: SsoCodeView | AppError;
}

/** Signing in by an organization's identity provider: out to it, back from it, and on to tokens. */
@Injectable()
export class SsoSignIn {
  constructor(
    private readonly db: Database,
    private readonly operators: Operators,
    private readonly users: Users,
    private readonly connections: ConnectionStore,
    private readonly oidc: OidcProvider,
    private readonly saml: SamlProvider,
    private readonly admission: SsoAdmission,
    private readonly tokens: OneTimeTokens,
    private readonly attempts: Attempts,
    private readonly signIn: SignIn,
    private readonly secrets: SecretBox,
    private readonly config: Config,
    private readonly audiences: Audiences,
  ) {}

  /**
   * Throws operators.not_found, sso.connection_not_found, .connection_disabled, .return_not_allowed, .provider_…,
   * .issuer_…, organizations.suspended, auth.audience_unknown, auth.too_many_attempts.
   */
  async start(
    operatorSlug: string,
    connectionId: string,
    { returnTo, codeChallenge, loginHint, audience }: StartSso,
    browser: string | null,
    origin: Origin,
  ): Promise<Started> {
    await this.attempts.consume('token', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const connection = await this.usable(this.db.reader, operator, connectionId);
    if (returnTo !== undefined) assertReturn(returnTo, this.config.baseUrl, codeChallenge !== undefined);
    await this.audiences.known(this.db.reader, operator.id, audience);
    const by = browser ?? newBrowser();
    const begun: Begun = {
      connectionId,
      browser: hashOfBrowser(by),
      ...(returnTo !== undefined && { returnTo }),
      ...(codeChallenge !== undefined && { codeChallenge }),
      ...(audience !== undefined && { audience }),
    };
    const state = await this.db.transaction(
      (tx) =>
        this.tokens.issue(tx, {
          purpose: 'sso_state',
          operatorId: operator.id,
          payload: { ...begun },
          ttlSeconds: STATE_SECONDS,
        }),
      { keepsAccess: true },
    );
    if (connection.type === 'saml') return { location: await this.samlUrl(operator, connection, state), browser: by };
    const redirectUri = redirectUriOf(this.config.baseUrl, operator.slug);
    const url = await this.oidc.authorizationUrl(connection, redirectUri, this.exchangeOf(state), { loginHint });
    return { location: url.href, browser: by };
  }

  /**
   * The provider sent the browser back, with `search` as the query. What can be told to the program that began is part
   * of the answer. Throws operators.not_found, sso.state_invalid, .browser_mismatch, auth.too_many_attempts.
   */
  async oidcCallback(operatorSlug: string, search: string, browser: string | null, origin: Origin): Promise<Ended> {
    await this.attempts.consume('token', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const url = new URL(`${redirectUriOf(this.config.baseUrl, operator.slug)}${search}`);
    const state = url.searchParams.get('state') ?? '';
    const begun = await this.resume(operator, state, browser);
    return this.ending(begun, async () => {
      const connection = await this.usable(this.db.reader, operator, begun.connectionId, 'oidc');
      const claims = await this.oidc.claims(connection, url, this.exchangeOf(state));
      const subject = claims.sub as string;
      return this.finish(
        operator,
        connection,
        begun,
        { subject, claims, saysVerified: true, askedForMore: askedForMore(claims) },
        origin,
      );
    });
  }

  /**
   * The browser brings an answer of a SAML provider. Browsers keep their cookie back when another site posts: then the
   * sign-in waits, and ends at `finishWaiting`. Throws as `oidcCallback`, and sso.idp_initiated_not_allowed.
   */
  async samlAnswer(
    operatorSlug: string,
    connectionId: string,
    { SAMLResponse, RelayState }: SamlForm,
    browser: string | null,
    origin: Origin,
  ): Promise<Ended | { ticket: string }> {
    await this.attempts.consume('token', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const connection = await this.usable(this.db.reader, operator, connectionId, 'saml');
    const us = serviceProviderOf(this.config.baseUrl, operator.slug, connectionId);
    if (!RelayState?.startsWith('trt_')) {
      if (!(connection.settings as SamlSettings).allowIdpInitiated) throw ssoErrors.idp_initiated_not_allowed();
      const unasked: Begun = { connectionId, browser: '' };
      return this.ending(unasked, async () => {
        const assertion = await this.saml.assertion(connection, us, SAMLResponse, null);
        return this.finish(operator, connection, unasked, assertion, origin);
      });
    }
    const begun = await this.takeState(operator, RelayState);
    if (begun.connectionId !== connectionId) throw ssoErrors.state_invalid();
    const read = () => this.saml.assertion(connection, us, SAMLResponse, this.requestIdOf(RelayState));
    if (browser === null) return { ticket: await this.wait(operator, begun, await read()) };
    if (begun.browser !== hashOfBrowser(browser)) throw ssoErrors.browser_mismatch();
    return this.ending(begun, async () => this.finish(operator, connection, begun, await read(), origin));
  }

  /** What waited for the cookie of the browser that began. Throws as `oidcCallback`. */
  async finishWaiting(operatorSlug: string, ticket: string, browser: string | null, origin: Origin): Promise<Ended> {
    await this.attempts.consume('token', origin.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const { begun, assertion } = await this.db.transaction(
      async (tx) => {
        const { payload } = await this.redeemed(tx, 'sso_ticket', operator.id, ticket, ssoErrors.state_invalid);
        const waiting = payload as unknown as Waiting;
        if (!browser || waiting.begun.browser !== hashOfBrowser(browser)) throw ssoErrors.browser_mismatch();
        return waiting;
      },
      { keepsAccess: true },
    );
    return this.ending(begun, async () => {
      const connection = await this.usable(this.db.reader, operator, begun.connectionId, 'saml');
      return this.finish(operator, connection, begun, assertion, origin);
    });
  }

  /** Throws operators.not_found, sso.connection_not_found, .connection_disabled, organizations.suspended. */
  async samlMetadata(operatorSlug: string, connectionId: string): Promise<string> {
    const operator = await operatorOf(this.operators, operatorSlug);
    const connection = await this.usable(this.db.reader, operator, connectionId, 'saml');
    return this.saml.metadata(connection, serviceProviderOf(this.config.baseUrl, operator.slug, connectionId));
  }

  /**
   * Tokens for the code of a sign-in. Throws operators.not_found, sso.invalid_code, .connection_not_found,
   * .connection_disabled, auth.account_blocked, auth.audience_unknown, auth.too_many_attempts, organizations.not_found,
   * .suspended, and what
   * `refusalOf` gives; after these the code can still be used.
   */
  async redeem(operatorSlug: string, { code, codeVerifier }: RedeemSsoCode, device: Device): Promise<SignedIn> {
    await this.attempts.consume('token', device.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const result = await this.db.transaction(async (tx) => {
      const { userId, payload } = await this.redeemed(tx, 'sso_code', operator.id, code, ssoErrors.invalid_code);
      const { codeChallenge, ...finished } = payload as unknown as Finished;
      assertVerifier(codeChallenge, codeVerifier);
      await this.usable(tx, operator, finished.connectionId);
      const user = await this.users.get(tx, operator.id, { userId: userId ?? '' });
      if (user.blockedAt) throw authErrors.account_blocked();
      const { organizationId, audience } = finished;
      return this.signIn.enter(tx, operator, user, { organizationId, audience }, finished.proof, device, finished);
    });
    return tokensOf(result);
  }

  private async finish(
    operator: OperatorRef,
    connection: UsableConnection,
    { codeChallenge, audience }: Begun,
    assertion: Assertion & { assertionId?: string },
    origin: Origin,
  ): Promise<SsoCodeView> {
    const { id: connectionId, organizationId } = connection;
    const code = await this.db.transaction(async (tx) => {
      await this.assertNew(tx, operator, connectionId, assertion.assertionId);
      const { user, claims } = await this.admission.admit(tx, operator, connection, assertion, origin);
      const finished: Finished = {
        connectionId,
        organizationId,
        claims,
        proof: {
          method: connection.type,
          factors: assertion.askedForMore ? ['sso'] : [],
          ssoOrganizationId: organizationId,
        },
        ...(codeChallenge !== undefined && { codeChallenge }),
        ...(audience !== undefined && { audience }),
      };
      return this.tokens.issue(tx, {
        purpose: 'sso_code',
        operatorId: operator.id,
        userId: user.id,
        payload: { ...finished },
        ttlSeconds: CODE_SECONDS,
      });
    });
    return { code, expiresIn: CODE_SECONDS, organizationId };
  }

  private samlUrl(operator: OperatorRef, connection: UsableConnection, state: string): Promise<string> {
    const us = serviceProviderOf(this.config.baseUrl, operator.slug, connection.id);
    const request = { requestId: this.requestIdOf(state), relayState: state };
    return this.saml.authorizationUrl(connection, us, request);
  }

  /** An assertion counts once, however it comes. Throws sso.assertion_replayed. */
  private async assertNew(tx: Tx, operator: OperatorRef, connectionId: string, assertionId: string | undefined) {
    if (assertionId === undefined) return;
    const value = `${connectionId} ${assertionId}`;
    if (!(await this.tokens.spend(tx, 'saml_assertion', operator.id, value, ASSERTION_SECONDS)))
      throw ssoErrors.assertion_replayed();
  }

  private wait(operator: OperatorRef, begun: Begun, assertion: SamlAssertion): Promise<string> {
    const waiting: Waiting = { begun, assertion: { ...assertion, claims: keptClaims(assertion.claims) } };
    return this.db.transaction(
      (tx) =>
        this.tokens.issue(tx, {
          purpose: 'sso_ticket',
          operatorId: operator.id,
          payload: { ...waiting },
          ttlSeconds: CODE_SECONDS,
        }),
      { keepsAccess: true },
    );
  }

  /** Uses the state up. Throws sso.state_invalid. */
  private takeState(operator: OperatorRef, state: string): Promise<Begun> {
    return this.db.transaction(
      async (tx) => {
        const { payload } = await this.redeemed(tx, 'sso_state', operator.id, state, ssoErrors.state_invalid);
        return payload as unknown as Begun;
      },
      { keepsAccess: true },
    );
  }

  /** An XML name. */
  private requestIdOf(state: string): string {
    return `_${this.secrets.sign('saml-request', state)}`;
  }

  /** Uses the state up; only in the browser that began. Throws sso.state_invalid, sso.browser_mismatch. */
  private async resume(operator: OperatorRef, state: string, browser: string | null): Promise<Begun> {
    return this.db.transaction(
      async (tx) => {
        const { payload } = await this.redeemed(tx, 'sso_state', operator.id, state, ssoErrors.state_invalid);
        const begun = payload as unknown as Begun;
        if (!browser || begun.browser !== hashOfBrowser(browser)) throw ssoErrors.browser_mismatch();
        return begun;
      },
      { keepsAccess: true },
    );
  }

  private async redeemed(
    tx: Tx,
    purpose: Purpose,
    operatorId: string,
    token: string,
    refusal: () => AppError,
  ): Promise<IssuedOneTimeToken> {
    try {
      return await this.tokens.redeem(tx, purpose, operatorId, token);
    } catch (error) {
      throw error instanceof AppError ? refusal() : error;
    }
  }

  /** A refusal goes back to the program that began, which knows what to do next. */
  private async ending({ returnTo }: Begun, work: () => Promise<SsoCodeView>): Promise<Ended> {
    try {
      return { returnTo, result: await work() };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { returnTo, result: error };
    }
  }

  /** Throws sso.connection_not_found, sso.connection_disabled, organizations.suspended. */
  private async usable(
    reader: Reader,
    operator: OperatorRef,
    id: string,
    type?: UsableConnection['type'],
  ): Promise<UsableConnection> {
    const connection = isId(id) ? await this.connections.findUsable(reader, operator.id, id) : null;
    if (!connection || (type && connection.type !== type)) throw ssoErrors.connection_not_found();
    if (connection.suspended) throw organizationErrors.suspended();
    if (!connection.enabled) throw ssoErrors.connection_disabled();
    return connection;
  }

  /** The nonce and the verifier follow from the state and the key of the servers: nobody else knows them. */
  private exchangeOf(state: string): Exchange {
    return { state, nonce: this.secrets.sign('sso-nonce', state), verifier: this.secrets.sign('sso-verifier', state) };
  }
}

/** Throws sso.invalid_code. */
function assertVerifier(challenge: string | undefined, verifier: string | undefined): void {
  const shown = verifier && createHash('sha256').update(verifier).digest('base64url');
  if ((challenge ?? undefined) !== (shown || undefined)) throw ssoErrors.invalid_code();
}
