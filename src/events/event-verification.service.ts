import { Injectable } from '@nestjs/common';
import { Database, type Reader } from '../database/index.js';
import { chainStart, hashEvent, type Stream } from './event-chain.js';
import type { ChainView, ChainProblem } from './event.dto.js';
import type { EventRow } from './event.entity.js';
import { EventSigner } from './event-signer.js';
import { type ChainEnd, EventStore } from './event.store.js';

const BATCH = 1000;

/** Recomputes the chains of the audit log. */
@Injectable()
export class EventVerificationService {
  constructor(
    private readonly db: Database,
    private readonly store: EventStore,
    private readonly signer: EventSigner,
  ) {}

  /**
   * Recomputes the hashes and signatures of a stream from the first event, and compares its end with the stored end and the
   * last anchor.
   */
  async verify(stream: Stream, reader: Reader = this.db.reader): Promise<ChainView> {
    const end = await this.store.chainEnd(reader, stream);
    let hash = chainStart(stream);
    let checked = 0;
    const invalid = (problem: ChainProblem) => ({ ...invalidAfter(checked, hash, problem), ...anchorOf(end) });
    if (end.firstSeq !== null && end.firstSeq < 1) return invalid('event_inserted');
    const signedFrom = this.signedFrom(stream, end);
    while (checked < end.seq) {
      // Events written since the end was read are checked next time.
      const rows = await this.store.after(reader, stream, String(checked), Math.min(BATCH, end.seq - checked));
      if (rows.length === 0) return invalid('event_missing');
      for (const row of rows) {
        const problem = this.problemOf(stream, row, checked + 1, hash, signedFrom);
        if (problem) return invalid(problem);
        hash = row.hash;
        checked++;
      }
    }
    if (end.lastSeq > end.seq || end.hash !== hash) return invalid('end_changed');
    if (signedFrom === null && end.seq > 0) return { ...invalid('start_changed'), firstInvalidSeq: 1 };
    const problem = await this.anchorProblem(reader, stream, end);
    if (problem) return invalid(problem);
    return { valid: true, events: checked, firstInvalidSeq: null, problem: null, head: hash, ...anchorOf(end) };
  }

  async allStreams(): Promise<Stream[]> {
    const streams: Stream[] = [];
    for (const kind of ['operator', 'organization'] as const) {
      for (const id of await this.store.allIds(this.db.reader, kind)) streams.push({ kind, id });
    }
    return streams;
  }

  /** Returns whether a stream still has the event that an anchor in the log of the platform names. */
  async holdsAnchor(stream: Stream, seq: string, hash: string): Promise<boolean> {
    return (await this.store.hashAt(this.db.reader, stream, seq)) === hash;
  }

  /** Returns the number of the first signed event, or null if it is missing or was changed. */
  private signedFrom(stream: Stream, { signedFrom, startSignature }: ChainEnd): number | null {
    if (signedFrom === null || startSignature !== this.signer.signStart(stream, signedFrom)) return null;
    return Number(signedFrom);
  }

  private problemOf(
    stream: Stream,
    row: EventRow,
    expectedSeq: number,
    previousHash: string,
    signedFrom: number | null,
  ): ChainProblem | null {
    if (row.seq !== String(expectedSeq)) return 'event_missing';
    if (row.hash !== hashEvent(previousHash, row)) return 'event_changed';
    if (signedFrom === null || expectedSeq < signedFrom) return null;
    return this.signer.isSigned(stream, row.seq, row.hash, row.signature) ? null : 'event_not_signed';
  }

  private async anchorProblem(reader: Reader, stream: Stream, end: ChainEnd): Promise<ChainProblem | null> {
    const { anchoredSeq, anchoredHash, anchorSignature } = end;
    if (anchoredSeq === null || anchoredHash === null) return null;
    if (anchorSignature !== this.signer.signAnchor(stream, anchoredSeq, anchoredHash)) return 'anchor_changed';
    if (Number(anchoredSeq) > end.seq) return 'end_cut';
    return (await this.store.hashAt(reader, stream, anchoredSeq)) === anchoredHash ? null : 'anchor_changed';
  }
}

const anchorOf = ({ anchoredSeq }: ChainEnd) => ({ anchoredSeq: anchoredSeq === null ? null : Number(anchoredSeq) });

const invalidAfter = (checked: number, head: string, problem: ChainProblem) => ({
  valid: false,
  events: checked,
  firstInvalidSeq: checked + 1,
  problem,
  head,
});
