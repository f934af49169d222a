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

  /** Each sweep is apart from the others, so that one that fails does not stop them. */
  async run(): Promise<void> {
    const sweeps: Record<string, (tx: Tx) => Promise<number>> = {
      'one-time tokens': (tx) => this.tokens.sweep(tx, BATCH),
      'session tokens': (tx) => this.sessions.sweepTokens(tx, BATCH),
      sessions: (tx) => this.sessions.sweep(tx, KEPT_DAYS, BATCH),
      'rate limits': (tx) => this.rateLimits.sweep(tx, BATCH),
      devices: (tx) => this.devices.sweep(tx, BATCH),
      'e-mail changes': (tx) => this.emailChanges.sweep(tx, BATCH),
      'device logins': (tx) => this.deviceLogins.sweep(tx, BATCH),
    };
    await this.forEach(Object.keys(sweeps), (name) => this.inBatches(sweeps[name] ?? (() => Promise.resolve(0))));
    await this.attempt('signing keys', () => this.db.transaction((tx) => this.keys.rotateWhenOld(tx)));
  }

  private async inBatches(sweep: (tx: Tx) => Promise<number>): Promise<void> {
    while ((await this.db.transaction(sweep)) === BATCH);
  }
}
