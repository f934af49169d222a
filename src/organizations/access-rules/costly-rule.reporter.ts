import { Injectable, Logger } from '@nestjs/common';
import { systemActor } from '../../common/access/index.js';
import { Database } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import { RateLimitService } from '../../limits/index.js';

/** Records that access rules took too long at a sign-in and did not hold, at most once an hour for each organization. */
@Injectable()
export class CostlyRuleReporter {
  private readonly log = new Logger('AccessRules');

  constructor(
    private readonly db: Database,
    private readonly events: EventService,
    private readonly rateLimits: RateLimitService,
  ) {}

  /** Does not wait: sign-ins report in a transaction that may be rolled back, and must not need a second connection. */
  report(organizationId: string, ruleIds: string[]): void {
    setImmediate(() => {
      this.record(organizationId, ruleIds).catch((error: unknown) => this.log.warn(`Not recorded: ${String(error)}`));
    });
  }

  private async record(organizationId: string, [ruleId = '', ...others]: string[]): Promise<void> {
    if ((await this.rateLimits.tryConsume('costly_rule_events', [organizationId])) !== null) return;
    await this.db.transaction((tx) =>
      this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        {
          type: 'access_rule.too_expensive',
          actor: systemActor(),
          subject: { type: 'access_rule', id: ruleId },
          after: { accessRuleIds: [ruleId, ...others] },
        },
      ),
    );
  }
}
