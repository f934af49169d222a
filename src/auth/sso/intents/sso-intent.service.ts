import { Injectable } from '@nestjs/common';
import type { OperatorRef } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { OneTimeTokenService } from '../../identity/index.js';
import { startUrlOf } from '../connections/connection.view.js';
import type { IntentView } from './sso-intent.dto.js';
import type { SsoIntent } from '../sso-intent.js';
import { redeeming } from '../login-state/sso-state.service.js';
import { ssoErrors } from '../sso.errors.js';

const INTENT_SECONDS = 600;

interface Payload {
  connectionId: string;
  intent: SsoIntent;
}

/** Carries the purpose of an SSO round trip from a signed-in request to a browser without a session. */
@Injectable()
export class SsoIntentService {
  constructor(
    private readonly db: Database,
    private readonly tokens: OneTimeTokenService,
    private readonly config: Config,
  ) {}

  /** Issues the URL where the browser starts. */
  async issue(tx: Tx, operator: OperatorRef, connectionId: string, intent: SsoIntent): Promise<IntentView> {
    const token = await this.tokens.issue(tx, {
      purpose: 'sso_intent',
      operatorId: operator.id,
      payload: { connectionId, intent } satisfies Payload,
      ttlSeconds: INTENT_SECONDS,
    });
    const url = startUrlOf(this.config.baseUrl, operator.slug, connectionId);
    return { startUrl: `${url}?intent=${token}`, expiresIn: INTENT_SECONDS };
  }

  /** Uses the token of the URL. */
  redeem(operator: OperatorRef, connectionId: string, token: string): Promise<SsoIntent> {
    return this.db.transaction(
      async (tx) => {
        const refusal = ssoErrors.state_invalid;
        const { payload } = await redeeming(this.tokens, tx, 'sso_intent', operator.id, token, refusal);
        const issued = payload as unknown as Payload;
        if (issued.connectionId !== connectionId) throw refusal();
        return issued.intent;
      },
      { keepsAccess: true },
    );
  }
}
