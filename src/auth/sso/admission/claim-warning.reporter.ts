import { Injectable } from '@nestjs/common';
import { systemActor } from '../../../common/access/index.js';
import { Database } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { RateLimitService } from '../../../limits/index.js';
import type { UsableConnection } from '../connections/connection.store.js';
import type { ClaimWarning } from './claim-warnings.js';

/** Records that claims were missing at a sign-in, at most once an hour for each connection. */
@Injectable()
export class ClaimWarningReporter {
  constructor(
    private readonly db: Database,
    private readonly events: EventService,
    private readonly rateLimits: RateLimitService,
  ) {}

  async report({ organizationId, id }: UsableConnection, userId: string, warnings: ClaimWarning[]): Promise<void> {
    if (warnings.length === 0) return;
    if ((await this.rateLimits.tryConsume('claim_warning_events', [organizationId, id])) !== null) return;
    await this.db.transaction((tx) =>
      this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        {
          type: 'sso_connection.claims_incomplete',
          actor: systemActor(),
          subject: { type: 'sso_connection', id },
          after: { userId, warnings },
        },
      ),
    );
  }
}
