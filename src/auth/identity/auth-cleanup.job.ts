import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { ScheduledJob } from '../../common/schedule/index.js';
import { Database, type Tx } from '../../database/index.js';
import { RateLimitService } from '../../limits/index.js';
import { EmailChangeStore } from './email-change/email-change.store.js';
import { DeviceLoginStore } from './program-sign-in/device-login.store.js';
import { KnownDeviceService } from './sessions/known-device.service.js';
import { SessionStore } from './sessions/session.store.js';
import { OneTimeTokenService } from './tokens/one-time-token.service.js';
import { SigningKeyService } from '../access/index.js';

/** How long ended sessions are kept for investigations. */
const KEPT_DAYS = 30;
/** Rows per statement, so that no statement runs for long. */
const BATCH = 5_000;

/** Deletes expired tokens, sessions and counters, and rotates the signing key. Several servers may run it at once. */
@Injectable()
export class AuthCleanupJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly sessions: SessionStore,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
    private readonly emailChanges: EmailChangeStore,
    private readonly devices: KnownDeviceService,
    private readonly deviceLogins: DeviceLoginStore,
    private readonly keys: SigningKeyService,
  ) {
    super();
  }

  @Cron('17 * * * *')
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<void> {
    await this.inBatches((tx) => this.tokens.sweep(tx, BATCH));
    await this.inBatches((tx) => this.sessions.sweepTokens(tx, BATCH));
    await this.inBatches((tx) => this.sessions.sweep(tx, KEPT_DAYS, BATCH));
    await this.inBatches((tx) => this.rateLimits.sweep(tx, BATCH));
    await this.inBatches((tx) => this.devices.sweep(tx, BATCH));
    await this.inBatches((tx) => this.emailChanges.sweep(tx, BATCH));
    await this.inBatches((tx) => this.deviceLogins.sweep(tx, BATCH));
    await this.db.transaction((tx) => this.keys.rotateWhenOld(tx));
  }

  private async inBatches(sweep: (tx: Tx) => Promise<number>): Promise<void> {
    while ((await this.db.transaction(sweep)) === BATCH);
  }
}
