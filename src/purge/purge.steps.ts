import { Injectable } from '@nestjs/common';
import { systemActor } from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import { EventService, type Stream } from '../events/index.js';
import { deletionOrder } from './purge.order.js';
import type { RowCounts } from './purge.report.js';
import { type Claim, type Due, type Key, PurgeStore } from './purge.store.js';

/** Progress of a removal. Only kept in memory: an interrupted run starts at the first table again. */
export interface Position {
  /** Index in the order of deletion. */
  table: number;
  /** Key of the last removed row of that table. Null if none was removed. */
  after: Key | null;
}

export interface Removal {
  counts: RowCounts;
  /** Null if all rows, including the item itself, are gone. */
  next: Position | null;
}

export const FIRST: Position = { table: 0, after: null };

const TOKEN_BATCH_ROWS = 2_000;

/**
 * The transactions of a purge. Each locks the organization or unit without waiting and checks again that it is due. So two
 * servers never work on the same item at once, any server can continue an interrupted purge, and a restore either wins
 * before the start or is refused.
 */
@Injectable()
export class PurgeSteps {
  constructor(
    private readonly db: Database,
    private readonly store: PurgeStore,
    private readonly events: EventService,
  ) {}

  /** Marks the start, after which a restore is refused. Returns false if the item is not due or locked by another server. */
  start(due: Due, now: Date | null): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      const claim = await this.claim(tx, due, now);
      if (claim?.purgeStartedAt) return true;
      if (!claim?.deletedAt || !claim.due) return false;
      await this.store.markStarted(tx, due);
      await this.store.insertTombstone(tx, { ...due, deletedAt: claim.deletedAt });
      // Removes units whose own purge was interrupted together with the organization.
      if (due.kind === 'organization')
        await this.store.closeTombstones(tx, await this.store.findStartedUnits(tx, due.id));
      return true;
    });
  }

  /** Also removes responses stored for `Idempotency-Key`. Returns true if more rows may be left, null if the item is not due or locked by another server. */
  forgetInTokens(due: Due): Promise<boolean | null> {
    return this.db.transaction(async (tx) => {
      if (!(await this.claimStarted(tx, due))) return null;
      const forgotten = await this.store.forgetInTokens(tx, due.organizationId, TOKEN_BATCH_ROWS);
      const removed = await this.store.removeResponses(tx, due.organizationId, TOKEN_BATCH_ROWS);
      return Math.max(forgotten, removed) === TOKEN_BATCH_ROWS;
    });
  }

  /**
   * Removes rows table by table up to the first full batch. If no batch was full, this was the end: closes the tombstone and
   * writes the event. Returns null if the item is not due or locked by another server.
   */
  remove(due: Due, from: Position): Promise<Removal | null> {
    return this.db.transaction(async (tx) => {
      if (!(await this.claimStarted(tx, due))) return null;
      const counts: RowCounts = {};
      let next: Position | null = null;
      for (const [index, table] of deletionOrder(due.kind).entries()) {
        if (index < from.table) continue;
        const { rows, last } = await this.store.removeRows(tx, table, due, index === from.table ? from.after : null);
        if (rows > 0) counts[table.name] = rows;
        if (!last) continue;
        next = { table: index, after: last };
        break;
      }
      await this.store.addCounts(tx, due.id, counts);
      if (!next) await this.finish(tx, due);
      return { counts, next };
    });
  }

  /** Writes ids and numbers only, because a purged item has no name any more. */
  private async finish(tx: Tx, due: Due): Promise<void> {
    const counts = await this.store.closeTombstone(tx, due.id);
    const stream: Stream =
      due.kind === 'organization'
        ? { kind: 'operator', id: due.operatorId }
        : { kind: 'organization', id: due.organizationId };
    await this.events.record(tx, stream, {
      type: `${due.kind}.purged`,
      actor: systemActor('purge'),
      subject: { type: due.kind, id: due.id },
      before: { counts },
    });
  }

  private async claimStarted(tx: Tx, due: Due): Promise<boolean> {
    const claim = await this.claim(tx, due, null);
    return claim !== null && claim.deletedAt !== null && claim.purgeStartedAt !== null;
  }

  /** Locks in the order operator → organization → unit. */
  private async claim(tx: Tx, due: Due, now: Date | null): Promise<Claim | null> {
    await this.store.shareOperator(tx, due.operatorId);
    if (due.kind === 'organization') return this.store.lockOrganization(tx, due.id, now);
    const organization = await this.store.shareOrganization(tx, due.organizationId);
    if (!organization || organization.purgeStartedAt) return null;
    const unit = await this.store.lockUnit(tx, due.organizationId, due.id, now);
    // A deleted organization takes its units along, except those whose purge has already started.
    return organization.deletedAt && !unit?.purgeStartedAt ? null : unit;
  }
}
