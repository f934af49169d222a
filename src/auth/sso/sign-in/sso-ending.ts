import { Injectable } from '@nestjs/common';
import type { OperatorRef, Origin } from '../../../common/access/index.js';
import { Database } from '../../../common/database/index.js';
import { AppError } from '../../../common/errors/index.js';
import type { Proof } from '../../entry/proof.js';
import { type NewOneTimeToken, OneTimeTokens } from '../../tokens/one-time-tokens.js';
import type { Claims } from '../claims.js';
import type { UsableConnection } from '../connections/connection.store.js';
import { SsoTrials } from '../trials/sso-trials.js';
import type { SsoTrialView } from '../trials/trial.dto.js';
import { type Assertion, SsoAdmission } from './admission.js';
import type { Begun, Intent } from './begun.js';
import type { SsoCodeView } from './sso-sign-in.dto.js';
import { SsoStates } from './sso-states.js';

const CODE_SECONDS = 120;

/** What waits for whoever fetches the tokens. */
export interface Finished {
  connectionId: string;
  organizationId: string;
  claims: Claims;
  proof: Proof;
  codeChallenge?: string;
  audience?: string;
}

/** What waits for whoever links an identity to his account. */
export interface Linking {
  connectionId: string;
  sessionId: string;
  subject: string;
  codeChallenge?: string;
}

/** What the provider said, and by which connection. */
export interface Answered {
  connection: UsableConnection;
  assertion: Assertion & { assertionId?: string };
}

/** How a sign-in ended: with a code, with what a trial showed, or with a refusal for the program that began it. */
export interface Ended {
  returnTo: string | undefined;
  result: SsoCodeView | SsoTrialView | AppError;
}

/** What becomes of a sign-in when its browser is back, by what it was begun for. */
@Injectable()
export class SsoEnding {
  constructor(
    private readonly db: Database,
    private readonly states: SsoStates,
    private readonly admission: SsoAdmission,
    private readonly trials: SsoTrials,
    private readonly tokens: OneTimeTokens,
  ) {}

  /** A refusal goes back to the program that began, which knows what to do next. Throws sso.connection_not_found of a trial. */
  async end(operator: OperatorRef, begun: Begun, origin: Origin, answer: () => Promise<Answered>): Promise<Ended> {
    const { returnTo, intent } = begun;
    if (intent?.kind === 'test')
      return { returnTo: undefined, result: await this.trials.run(operator, begun, intent, origin, answer) };
    try {
      const answered = await answer();
      const token = intent
        ? await this.linking(operator, answered, begun, intent)
        : await this.signIn(operator, answered, begun, origin);
      return { returnTo, result: token };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { returnTo, result: error };
    }
  }

  private async signIn(
    operator: OperatorRef,
    { connection, assertion }: Answered,
    { codeChallenge, audience }: Begun,
    origin: Origin,
  ): Promise<SsoCodeView> {
    const { id: connectionId, organizationId, type: method } = connection;
    const code = await this.db.transaction(async (tx) => {
      await this.states.assertNew(tx, operator, connectionId, assertion.assertionId);
      const { user, claims } = await this.admission.admit(tx, operator, connection, assertion, origin);
      const finished: Finished = {
        connectionId,
        organizationId,
        claims,
        proof: { method, factors: assertion.askedForMore ? ['sso'] : [], ssoOrganizationId: organizationId },
        ...(codeChallenge !== undefined && { codeChallenge }),
        ...(audience !== undefined && { audience }),
      };
      return this.tokens.issue(tx, codeFor('sso_code', operator, user.id, { ...finished }));
    });
    return { code, expiresIn: CODE_SECONDS, organizationId };
  }

  /** Nothing is linked yet: only the session that began can do that, whoever's browser it was. */
  private async linking(
    operator: OperatorRef,
    { connection, assertion }: Answered,
    { codeChallenge }: Begun,
    { userId, sessionId }: Intent & { kind: 'link' },
  ): Promise<SsoCodeView> {
    const { id: connectionId, organizationId } = connection;
    const { subject, assertionId } = assertion;
    const linking: Linking = {
      connectionId,
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
