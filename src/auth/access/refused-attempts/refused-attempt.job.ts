import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { systemActor } from '../../../common/access/index.js';
import { ScheduledJob } from '../../../common/schedule/index.js';
import { Database } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { RefusedAttemptStore } from './refused-attempt.store.js';
import { WINDOW_SECONDS } from './refused-attempt.service.js';

/** Events per transaction, so that the event log of an operator is not locked for long. */
const BATCH = 100;

const SUBJECT_TYPES = {
  'sign_in.failed': 'user',
  'session.step_up_failed': 'user',
  'api_key.refused': 'api_key',
} as const;

/** Writes one event for the refused attempts of each account and window. Several servers may run it at once. */
@Injectable()
export class RefusedAttemptJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: RefusedAttemptStore,
    private readonly events: EventService,
  ) {
    super();
  }

  @Cron('40 * * * * *')
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<void> {
    await this.forEach(await this.store.findEnded(this.db.reader, WINDOW_SECONDS), async (operatorId) => {
      while ((await this.writeBatch(operatorId)) === BATCH);
    });
  }

  private writeBatch(ofOperator: string): Promise<number> {
    return this.db.transaction(async (tx) => {
      const ended = await this.store.takeEnded(tx, ofOperator, WINDOW_SECONDS, BATCH);
      for (const { operatorId, kind, subjectId, attempts, createdAt } of ended)
        await this.events.record(
          tx,
          { kind: 'operator', id: operatorId },
          {
            type: kind,
            actor: systemActor('refused-attempts'),
            subject: { type: subjectId === operatorId ? 'operator' : SUBJECT_TYPES[kind], id: subjectId },
            after: { attempts, since: createdAt },
          },
        );
      return ended.length;
    });
  }
}
