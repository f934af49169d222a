import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SecretBox } from '../common/crypto/index.js';
import { Database, type Tx } from '../common/database/index.js';
import { newId } from '../common/ids/index.js';
import { MailMetrics } from './mail.metrics.js';
import { type DueMail, MailStore } from './mail.store.js';
import type { NewMail } from './mail.templates.js';

const PURPOSE = 'mail';
const POLL_MS = 1_000;
/** Longer than a delivery may take, so that a slow mail server does not get the mail twice. */
const LEASE_SECONDS = 120;
const BACKOFF_SECONDS = [10, 60, 300, 1_800, 7_200, 21_600];
const GIVE_UP_AFTER = 12;
/** Sent at once by one server: a mail server that is slow with one recipient does not keep the others waiting. */
const LANES = 4;

/** Writes a mail out and hands it on; resolves when a mail server took it. At most 100 seconds. */
export interface MailDelivery {
  deliver(id: string, mail: NewMail): Promise<void>;
}

/** The outbox: mails are stored with the change that causes them and sent after its commit, again until one is taken. */
@Injectable()
export class Mails implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Mail');
  private delivery: MailDelivery | undefined;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  /** Something may be due that the running look does not see any more. */
  private woken = false;
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly store: MailStore,
    private readonly secrets: SecretBox,
    private readonly metrics: MailMetrics,
  ) {}

  /** Stores a mail; it leaves once `tx` is committed, at once if `wake` is called then. */
  async enqueue(tx: Tx, mail: NewMail): Promise<void> {
    await this.store.insert(tx, {
      id: newId(),
      operatorId: mail.operatorId,
      content: this.secrets.encrypt(PURPOSE, JSON.stringify(mail)),
    });
  }

  /** Names who delivers. He stands above what he needs for it, and so above this room; until then mails wait. */
  deliverBy(delivery: MailDelivery): void {
    this.delivery = delivery;
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.tick(), POLL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Call it after the commit: spares the mail the wait for the next look. */
  wake(): void {
    this.tick();
  }

  private tick(): void {
    this.woken = true;
    this.running ??= this.deliverDue().finally(() => (this.running = undefined));
  }

  private async deliverDue(): Promise<void> {
    try {
      // What is left when the server stops is sent by another one, or after the next start.
      while (this.woken && !this.stopped && this.delivery) {
        this.woken = false;
        const first = await this.take();
        if (first) await Promise.all(Array.from({ length: LANES }, (_, lane) => this.drain(lane === 0 ? first : null)));
      }
    } catch (error) {
      this.log.warn(`the outbox could not be read: ${String(error)}`);
    }
  }

  /** One after the other until nothing is due. */
  private async drain(first: DueMail | null): Promise<void> {
    let mail = first ?? (await this.take());
    while (mail) {
      await this.deliver(mail);
      mail = this.stopped ? null : await this.take();
    }
  }

  private take(): Promise<DueMail | null> {
    return this.db.transaction((tx) => this.store.take(tx, LEASE_SECONDS), { keepsAccess: true });
  }

  private async deliver(mail: DueMail): Promise<void> {
    try {
      await this.delivery?.deliver(mail.id, JSON.parse(this.secrets.decrypt(PURPOSE, mail.content)) as NewMail);
    } catch (error) {
      return this.failed(mail.id, mail.attempts, error);
    }
    this.metrics.attempted('sent');
    await this.db.transaction((tx) => this.store.remove(tx, mail.id), { keepsAccess: true });
  }

  private async failed(id: string, attempts: number, error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error);
    this.metrics.attempted(attempts >= GIVE_UP_AFTER ? 'given_up' : 'failed');
    if (attempts >= GIVE_UP_AFTER) {
      this.log.error(`mail ${id} was given up after ${attempts} attempts: ${text}`);
      return this.db.transaction((tx) => this.store.remove(tx, id), { keepsAccess: true });
    }
    const seconds = BACKOFF_SECONDS[Math.min(attempts, BACKOFF_SECONDS.length) - 1] ?? 10;
    this.log.warn(`mail ${id} was not taken, next attempt in ${seconds} s: ${text}`);
    await this.db.transaction((tx) => this.store.postpone(tx, id, seconds, text.slice(0, 500)), { keepsAccess: true });
  }
}
