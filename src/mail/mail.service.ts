import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SecretBox } from '../common/crypto/index.js';
import { Database, type Tx } from '../common/database/index.js';
import { newId } from '../common/ids/index.js';
import type { MailMessage } from './mail.message.js';
import { MailStore } from './mail.store.js';
import { type MailTransport } from './mail.transport.js';

const PURPOSE = 'mail';
const POLL_MS = 1_000;
/** Longer than the transport lets a mail server take, so that a slow one does not get the mail twice. */
const LEASE_SECONDS = 120;
const BACKOFF_SECONDS = [10, 60, 300, 1_800, 7_200, 21_600];
const GIVE_UP_AFTER = 12;

/** The outbox: mails are stored with the change that causes them and sent after its commit, again until one is taken. */
@Injectable()
export class Mails implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Mail');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  /** Something may be due that the running look does not see any more. */
  private woken = false;
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly store: MailStore,
    private readonly secrets: SecretBox,
    private readonly transport: MailTransport,
  ) {}

  /** Stores a mail; it leaves once `tx` is committed, at once if `wake` is called then. */
  async enqueue(tx: Tx, operatorId: string, message: MailMessage): Promise<void> {
    await this.store.insert(tx, {
      id: newId(),
      operatorId,
      content: this.secrets.encrypt(PURPOSE, JSON.stringify(message)),
    });
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
      while (this.woken && !this.stopped) {
        this.woken = false;
        while (!this.stopped && (await this.deliverNext()));
      }
    } catch (error) {
      this.log.warn(`the outbox could not be read: ${String(error)}`);
    }
  }

  /** False when nothing is due. */
  private async deliverNext(): Promise<boolean> {
    const mail = await this.db.transaction((tx) => this.store.take(tx, LEASE_SECONDS));
    if (!mail) return false;
    try {
      await this.transport.send(mail.id, JSON.parse(this.secrets.decrypt(PURPOSE, mail.content)) as MailMessage);
    } catch (error) {
      await this.failed(mail.id, mail.attempts, error);
      return true;
    }
    await this.db.transaction((tx) => this.store.remove(tx, mail.id));
    return true;
  }

  private async failed(id: string, attempts: number, error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error);
    if (attempts >= GIVE_UP_AFTER) {
      this.log.error(`mail ${id} was given up after ${attempts} attempts: ${text}`);
      return this.db.transaction((tx) => this.store.remove(tx, id));
    }
    const seconds = BACKOFF_SECONDS[Math.min(attempts, BACKOFF_SECONDS.length) - 1] ?? 10;
    this.log.warn(`mail ${id} was not taken, next attempt in ${seconds} s: ${text}`);
    await this.db.transaction((tx) => this.store.postpone(tx, id, seconds, text.slice(0, 500)));
  }
}
