import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import type { Gauge } from 'prom-client';
import { Log } from '../common/logging/index.js';
import { Metrics } from '../common/metrics/index.js';
import { ScheduledJob } from '../common/schedule/index.js';
import { Database } from '../database/index.js';
import type { Stream } from './event-chain.js';
import { EventSigner } from './event-signer.js';
import { type StreamEnd, EventStore } from './event.store.js';

const BATCH = 500;
/** Marks the lines that `npm run ops -- verify-audit --anchors` reads. */
export const ANCHOR_MESSAGE = 'audit anchor';

export interface AnchorResult {
  anchored: number;
  /** Streams whose end is before their anchor, or that no longer have the anchored event. */
  broken: number;
}

/**
 * Writes the ends of all changed streams to the log of the platform, where an attacker with write access to the database alone cannot
 * remove them. Compares each stream with its previous anchor first, so a cut end is reported within an hour.
 */
@Injectable()
export class EventAnchorJob extends ScheduledJob {
  private readonly broken: Gauge;
  private readonly log: Log;

  constructor(
    metrics: Metrics,
    log: Log,
    private readonly db: Database,
    private readonly store: EventStore,
    private readonly signer: EventSigner,
  ) {
    super();
    this.log = log.atLeastInfo();
    this.broken = metrics.gauge({
      name: 'audit_broken_streams',
      help: 'Streams of the audit log that did not match their anchor in the last run.',
    });
    this.broken.set(0);
  }

  @Cron('7 * * * *')
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<AnchorResult> {
    const result = { anchored: 0, broken: 0 };
    for (const kind of ['operator', 'organization'] as const) await this.anchorKind(kind, result);
    this.broken.set(result.broken);
    return result;
  }

  private async anchorKind(kind: Stream['kind'], result: AnchorResult): Promise<void> {
    for (let after: string | null = null; !this.stopped;) {
      const ends: StreamEnd[] = await this.store.notAnchored(this.db.reader, kind, after, BATCH);
      await this.forEach(ends, (end) => this.anchorStream({ kind, id: end.id }, end, result));
      if (ends.length < BATCH) return;
      after = ends.at(-1)?.id ?? null;
    }
  }

  private async anchorStream(stream: Stream, end: StreamEnd, result: AnchorResult): Promise<void> {
    const { anchoredSeq, anchoredHash } = end;
    const name = { stream: stream.kind, id: stream.id };
    if (anchoredSeq !== null && (await this.store.hashAt(this.db.reader, stream, anchoredSeq)) !== anchoredHash) {
      result.broken++;
      this.log.error({ ...name, seq: anchoredSeq, hash: anchoredHash }, 'the audit log lost an anchored event');
      return;
    }
    const signature = this.signer.signAnchor(stream, end.seq, end.hash);
    const stored = await this.db.transaction((tx) => this.store.anchor(tx, stream, end, signature), {
      keepsAccess: true,
    });
    // Another server that was first has written the line.
    if (!stored) return;
    result.anchored++;
    this.log.info({ ...name, seq: end.seq, hash: end.hash }, ANCHOR_MESSAGE);
  }
}
