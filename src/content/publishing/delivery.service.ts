import { Injectable } from '@nestjs/common';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import type { ContentPublication } from '../model/content-publication.entity.js';
import { publisherOf } from './publication.service.js';
import { type FailedDelivery, type PublishedDocument, PublicationStore } from './publication.store.js';

/**
 * Organizations in a transaction. Each of their audit logs is locked for as long as its commit takes, so that more would delay
 * other writers.
 */
const BATCH = 100;

/** The organizations that one transaction tells. */
export interface Batch {
  publicationId: string;
  /** Where the publication was before. */
  cursor: string | null;
  organizationIds: string[];
}

/** What a batch came to: all written, nothing left to do, or the error that it failed with. */
export type BatchResult = { written: number } | { idle: true } | { failed: Batch; error: unknown };

/**
 * Writes the event of each organization of a publication. The cursor moves in the transaction that writes the events, and the
 * row of the publication is locked until it commits. So no organization gets an event twice, on any number of servers, and
 * another server goes on at once where one was killed.
 */
@Injectable()
export class DeliveryService {
  constructor(
    private readonly db: Database,
    private readonly store: PublicationStore,
    private readonly events: EventService,
  ) {}

  /** Tells the next organizations of the publication that waited longest. */
  async writeBatch(): Promise<BatchResult> {
    let batch: Batch | null = null;
    try {
      const written = await this.db.transaction(
        async (tx) => {
          const publication = await this.store.takeNext(tx);
          if (!publication) return null;
          const document = await this.store.document(tx, publication);
          const organizationIds = await this.store.nextOrganizations(tx, publication, document, BATCH);
          batch = { publicationId: publication.id, cursor: publication.cursor, organizationIds };
          for (const id of organizationIds) await this.tell(tx, publication, document, id);
          const last = organizationIds.at(-1);
          if (last !== undefined) await this.store.advance(tx, publication.id, last, organizationIds.length);
          if (organizationIds.length < BATCH) await this.store.finish(tx, publication.id);
          return organizationIds.length;
        },
        { keepsAccess: true },
      );
      return written === null ? { idle: true } : { written };
    } catch (error) {
      if (!batch) throw error;
      return { failed: batch, error };
    }
  }

  /**
   * Tells one organization, after its batch failed. Returns false if the cursor is elsewhere, because another server went on or
   * the publication ended.
   */
  writeOne(publicationId: string, cursor: string | null, organizationId: string): Promise<boolean> {
    return this.move(publicationId, cursor, async (tx, publication) => {
      await this.tell(tx, publication, await this.store.document(tx, publication), organizationId);
      await this.store.advance(tx, publicationId, organizationId, 1);
    });
  }

  /** Goes on without an organization, which is tried again later. Returns the same as `writeOne`. */
  skip(publicationId: string, cursor: string | null, organizationId: string): Promise<boolean> {
    return this.move(publicationId, cursor, async (tx) => {
      await this.store.addFailure(tx, organizationId, publicationId);
      await this.store.advance(tx, publicationId, organizationId, 0);
    });
  }

  findFailed(limit: number): Promise<FailedDelivery[]> {
    return this.store.findFailed(this.db.reader, limit);
  }

  /** Tells an organization that failed before. Does nothing if it was told, is deleted, or the document was withdrawn. */
  retry({ organizationId, publicationId }: FailedDelivery): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        const publication = await this.store.lock(tx, publicationId);
        if (!publication || !(await this.store.takeFailure(tx, organizationId, publicationId))) return;
        if (!(await this.store.isLive(tx, organizationId))) return;
        await this.tell(tx, publication, await this.store.document(tx, publication), organizationId);
        await this.store.countDone(tx, publicationId);
      },
      { keepsAccess: true },
    );
  }

  /** Counts the documents that are being published to an organization and have not reached its audit log. */
  countWaiting(reader: Reader, organizationId: string): Promise<number> {
    return this.store.countWaiting(reader, organizationId);
  }

  private move(
    publicationId: string,
    cursor: string | null,
    work: (tx: Tx, publication: ContentPublication) => Promise<void>,
  ): Promise<boolean> {
    return this.db.transaction(
      async (tx) => {
        const publication = await this.store.takeAt(tx, publicationId, cursor);
        if (publication) await work(tx, publication);
        return publication !== null;
      },
      { keepsAccess: true },
    );
  }

  private tell(
    tx: Tx,
    publication: ContentPublication,
    { kind, key, title }: PublishedDocument,
    organizationId: string,
  ): Promise<void> {
    return this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      {
        type: `${kind}.published`,
        actor: publisherOf(publication),
        subject: { type: kind, id: publication.itemId },
        after: { key, title, version: publication.number },
      },
    );
  }
}
