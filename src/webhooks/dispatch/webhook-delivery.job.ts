import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../../database/index.js';
import type { WebhookOwner } from '../model/webhook.owner.js';
import { DispatchStore, type LeasedWebhook } from './dispatch.store.js';
import { WebhookTurnService } from './webhook-turn.service.js';

const POLL_MS = 500;
/** Longer than a turn with its last deliveries may take, so that no other server sends to the same endpoint meanwhile. */
const LEASE_SECONDS = 90;
const KINDS: readonly WebhookOwner['kind'][] = ['organization', 'operator'];

/**
 * Endpoints at a time of one server. Those that never worked, or whose last attempt failed, have places of their own: receivers
 * that hang never take one from those that work.
 */
const PLACES = { healthy: 32, other: 128 } as const;
type Pool = keyof typeof PLACES;

/** Gives endpoints their turns. Servers share them by leases, so each endpoint has one turn at a time. */
@Injectable()
export class WebhookDeliveryJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Webhooks');
  private readonly turns: Record<Pool, Set<Promise<void>>> = { healthy: new Set(), other: new Set() };
  private timer: NodeJS.Timeout | undefined;
  private filling: Promise<void> | undefined;
  private woken = false;
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly store: DispatchStore,
    private readonly turn: WebhookTurnService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), POLL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.filling;
    await Promise.all([...this.turns.healthy, ...this.turns.other]);
  }

  /** Looks for endpoints with something to send. */
  wake(): void {
    this.woken = true;
    this.filling ??= this.fill().finally(() => (this.filling = undefined));
  }

  private async fill(): Promise<void> {
    try {
      while (this.woken && !this.stopped) {
        this.woken = false;
        for (const pool of ['healthy', 'other'] as const) for (const kind of KINDS) await this.start(pool, kind);
      }
    } catch (error) {
      this.log.warn(`Webhooks with something to send could not be read: ${String(error)}`);
    }
  }

  private async start(pool: Pool, kind: WebhookOwner['kind']): Promise<void> {
    const free = PLACES[pool] - this.turns[pool].size;
    if (free <= 0) return;
    const leased = await this.db.transaction(
      (tx) => this.store.lease(tx, kind, { healthy: pool === 'healthy', limit: free, seconds: LEASE_SECONDS }),
      { keepsAccess: true },
    );
    for (const webhook of leased) this.begin(pool, webhook);
  }

  private begin(pool: Pool, webhook: LeasedWebhook): void {
    const turn = this.turn
      .take(webhook, () => this.stopped)
      // The lease ends by itself, and the deliveries are due again.
      .catch((error: unknown) => this.log.error(`the turn of webhook ${webhook.id} failed`, error))
      .finally(() => {
        this.turns[pool].delete(turn);
        if (!this.stopped) this.wake();
      });
    this.turns[pool].add(turn);
  }
}
