import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { Database } from '../common/database/index.js';
import { SessionStore } from './sessions/session.store.js';
import { OneTimeTokens } from './tokens/one-time-tokens.js';

/** How long an ended session stays to be looked into. */
const KEPT_DAYS = 30;

/** Removes what can no longer be used. Twice at once does no harm. */
@Injectable()
export class SweepSchedule {
  constructor(
    private readonly db: Database,
    private readonly sessions: SessionStore,
    private readonly tokens: OneTimeTokens,
  ) {}

  @Cron('17 * * * *')
  async sweep(): Promise<void> {
    await this.db.transaction((tx) => this.tokens.sweep(tx));
    await this.db.transaction((tx) => this.sessions.sweep(tx, KEPT_DAYS));
    await this.db.transaction((tx) => tx.query('delete from attempts where expire < extract(epoch from now()) * 1000'));
  }
}
