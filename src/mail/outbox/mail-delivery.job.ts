import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type CiphertextLocation, SecretBox } from '../../common/crypto/index.js';
import { Database, type Tx } from '../../database/index.js';
import { MailRenderer } from '../render/mail-renderer.service.js';
import type { NewMail } from '../templates/index.js';
import { MailTransport } from '../transport/mail.transport.js';
import { MailMetrics } from './mail.metrics.js';
import { type DueMail, MailStore } from './mail.store.js';

/** The purpose that mails are encrypted for. */
export const MAIL_SECRET = 'mail';
/** Where the content of a mail is stored. */
export const contentOf = (id: string): CiphertextLocation => ({ table: 'mails', column: 'content', row: [id] });

const POLL_MS = 1_000;
/** Longer than a delivery may take, so that no other server sends the same mail meanwhile. */
const LEASE_SECONDS = 120;
const BACKOFF_SECONDS = [10, 60, 300, 1_800, 7_200, 21_600];
const MAX_ATTEMPTS = 12;
/** Per server, so that one slow recipient does not delay the others. */
const MAX_CONCURRENT_DELIVERIES = 4;

/** Sends stored mails, and tries again until the mail server accepts them. */
@Injectable()
export class MailDeliveryJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Mail');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  /** Set when a mail may have become due that the current run does not see. */
  private woken = false;
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly store: MailStore,
    private readonly secrets: SecretBox,
    private readonly renderer: MailRenderer,
    private readonly transport: MailTransport,
    private readonly metrics: MailMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), POLL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  wake(): void {
    this.woken = true;
    this.running ??= this.run().finally(() => (this.running = undefined));
  }

  private async run(): Promise<void> {
    try {
      // Mails that are left when the server stops are sent by another server, or after the next start.
      while (this.woken && !this.stopped) {
        this.woken = false;
        const first = await this.take();
        if (!first) continue;
        const lanes = Array.from({ length: MAX_CONCURRENT_DELIVERIES }, (_, lane) => this.drain(lane ? null : first));
        await Promise.all(lanes);
      }
    } catch (error) {
      this.log.warn(`The outbox could not be read: ${String(error)}`);
    }
  }

  /** Sends `first` and then other mails, one after the other, until none is due. */
  private async drain(first: DueMail | null): Promise<void> {
    let mail = first ?? (await this.take());
    while (mail) {
      await this.deliver(mail);
      mail = this.stopped ? null : await this.take();
    }
  }

  private take(): Promise<DueMail | null> {
    return this.inTransaction((tx) => this.store.take(tx, LEASE_SECONDS));
  }

  private async deliver({ id, content, attempts }: DueMail): Promise<void> {
    try {
      const mail = JSON.parse(this.secrets.decrypt(MAIL_SECRET, contentOf(id), content)) as NewMail;
      await this.transport.send({ id, ...(await this.renderer.render(mail)) });
    } catch (error) {
      return this.failed(id, attempts, error);
    }
    this.metrics.attempted('sent');
    await this.inTransaction((tx) => this.store.remove(tx, id));
  }

  private async failed(id: string, attempts: number, error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error);
    if (attempts >= MAX_ATTEMPTS) {
      this.metrics.attempted('given_up');
      this.log.error(`Gave up mail ${id} after ${attempts} attempts: ${text}`);
      return this.inTransaction((tx) => this.store.remove(tx, id));
    }
    this.metrics.attempted('failed');
    const seconds = BACKOFF_SECONDS[Math.min(attempts, BACKOFF_SECONDS.length) - 1] ?? 10;
    this.log.warn(`The mail server did not accept mail ${id}, next attempt in ${seconds} s: ${text}`);
    await this.inTransaction((tx) => this.store.postpone(tx, id, seconds, text.slice(0, 500)));
  }

  private inTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.transaction(work, { keepsAccess: true });
  }
}
