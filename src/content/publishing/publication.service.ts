import { Injectable } from '@nestjs/common';
import type { Access, Actor, ActorType } from '../../common/access/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { newId } from '../../common/ids/index.js';
import { startOf } from '../../common/validation/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import { contentErrors } from '../model/content.errors.js';
import type { ContentPublication } from '../model/content-publication.entity.js';
import type { ContentKind } from '../model/content.types.js';
import { type PublicationView, type PublishContent, toPublicationView } from './content.dto.js';
import type { ItemRow, PublicationRow } from './content.rows.js';
import { ContentStore } from './content.store.js';
import { PublicationStore } from './publication.store.js';

/** Returns the user or API key that published, for events that are written later. */
export const publisherOf = ({ actorType, actorId, requestId }: ContentPublication): Actor => ({
  type: actorType as ActorType,
  userId: actorType === 'user' ? actorId : null,
  sessionId: null,
  ...(actorType === 'api_key' && actorId !== null && { apiKeyId: actorId }),
  origin: { requestId, ip: null },
});

/**
 * Publishes and withdraws versions. Organizations look up what they receive, so both apply at once on every server. What takes
 * time is the event of each organization, which a job writes.
 */
@Injectable()
export class PublicationService {
  constructor(
    private readonly db: Database,
    private readonly items: ContentStore,
    private readonly store: PublicationStore,
    private readonly events: EventService,
  ) {}

  /**
   * Publishes a version now or later. Publishing a version again while it is published, or is being published, changes nothing.
   * Replaces a publication that is scheduled.
   */
  publish(access: Access, kind: ContentKind, id: string, { version, at }: PublishContent): Promise<PublicationView> {
    const scheduledAt = at === undefined ? null : startOf(at, access.operator.timeZone);
    if (scheduledAt && scheduledAt.getTime() <= Date.now())
      throw commonErrors.validation_failed({
        errors: [{ field: 'at', code: 'not_in_future', message: 'at must be in the future' }],
      });
    return this.db.transaction(
      async (tx) => {
        const item = await this.lock(tx, access, kind, id);
        if (!(await this.items.version(tx, id, version))) throw contentErrors.unknown_version();
        const active = await this.store.lockActive(tx, id);
        const unchanged = active
          ? sameAs(active, version, scheduledAt)
          : !scheduledAt && !item.withdrawnAt && item.publishedVersion === version;
        if (unchanged) return this.viewIn(tx, id);
        if (active) await this.store.cancel(tx, id);
        const publicationId = newId();
        const { actor } = access;
        await this.store.insert(tx, {
          id: publicationId,
          itemId: id,
          number: version,
          scheduledAt,
          actorType: actor.type,
          actorId: actor.userId ?? actor.apiKeyId ?? null,
          requestId: actor.origin.requestId,
        });
        if (scheduledAt)
          await this.events.recordBy(tx, access, `${kind}.scheduled`, id, {
            before: active && { version: active.number, at: active.scheduledAt },
            after: { version, at: scheduledAt },
          });
        else await this.start(tx, item, publicationId, version, actor);
        return this.viewIn(tx, id);
      },
      { keepsAccess: true },
    );
  }

  /** Takes the document from all organizations, and cancels what runs or waits. A second request changes nothing. */
  withdraw(access: Access, kind: ContentKind, id: string): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        const item = await this.lock(tx, access, kind, id);
        const active = await this.store.lockActive(tx, id);
        if (item.publishedVersion === null && !active) throw contentErrors.not_published();
        await this.store.cancel(tx, id);
        if (item.publishedVersion === null && active) return this.recordCancelled(tx, access, kind, active);
        if (item.withdrawnAt && !active) return;
        await this.items.setWithdrawn(tx, id);
        const version = await this.items.version(tx, id, item.publishedVersion ?? 0);
        await this.events.recordBy(tx, access, `${kind}.withdrawn`, id, {
          before: { key: item.key, title: version?.title, version: item.publishedVersion },
        });
      },
      { keepsAccess: true },
    );
  }

  /** Cancels a scheduled publication. */
  cancel(access: Access, kind: ContentKind, id: string): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        await this.lock(tx, access, kind, id);
        const active = await this.store.lockActive(tx, id);
        if (!active) throw contentErrors.publication_not_found();
        if (active.state !== 'scheduled') throw contentErrors.publication_started();
        await this.store.cancel(tx, id);
        await this.recordCancelled(tx, access, kind, active);
      },
      { keepsAccess: true },
    );
  }

  /** Returns the publication that runs or waits, or else the last one. */
  async view({ operator }: Access, kind: ContentKind, id: string): Promise<PublicationView> {
    const { reader } = this.db;
    if (!(await this.items.find(reader, operator.id, kind, id))) throw contentErrors.not_found();
    return this.viewIn(reader, id);
  }

  /** Starts a scheduled publication that is due. Does nothing if it was cancelled or started meanwhile. */
  startScheduled({
    id,
    operatorId,
    kind,
    itemId,
  }: {
    id: string;
    operatorId: string;
    kind: ContentKind;
    itemId: string;
  }): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        const item = await this.items.lock(tx, operatorId, kind, itemId);
        const active = await this.store.lockActive(tx, itemId);
        if (!item || active?.id !== id || active.state !== 'scheduled') return;
        await this.start(tx, item, id, active.number, publisherOf(active));
      },
      { keepsAccess: true },
    );
  }

  /** Makes the version the one that organizations receive, and lets the job write their events. */
  private async start(tx: Tx, item: ItemRow, publicationId: string, version: number, actor: Actor): Promise<void> {
    const { operatorId, kind, id, key, audienceMode } = item;
    await this.store.forgetFailures(tx, id);
    await this.items.setPublished(tx, id, version);
    await this.store.start(tx, publicationId, await this.store.countOrganizations(tx, id, item));
    const title = (await this.items.version(tx, id, version))?.title;
    await this.events.record(
      tx,
      { kind: 'operator', id: operatorId },
      {
        type: `${kind}.published`,
        actor,
        subject: { type: kind, id },
        before: item.withdrawnAt ? null : item.publishedVersion === null ? null : { version: item.publishedVersion },
        after: { key, title, version, audienceMode },
      },
    );
  }

  private recordCancelled(tx: Tx, access: Access, kind: ContentKind, active: PublicationRow): Promise<void> {
    const before = { version: active.number, at: active.scheduledAt };
    return this.events.recordBy(tx, access, `${kind}.publication_cancelled`, active.itemId, { before });
  }

  private async viewIn(reader: Reader, id: string): Promise<PublicationView> {
    const publication = await this.store.newest(reader, id);
    if (!publication) throw contentErrors.publication_not_found();
    return toPublicationView(publication);
  }

  private async lock(tx: Tx, { operator }: Access, kind: ContentKind, id: string): Promise<ItemRow> {
    const item = await this.items.lock(tx, operator.id, kind, id);
    if (!item) throw contentErrors.not_found();
    return item;
  }
}

/** Tells whether a publication is what a request asks for. Throws if another version is being published. */
function sameAs(active: PublicationRow, version: number, scheduledAt: Date | null): boolean {
  if (active.state === 'publishing') {
    if (active.number === version && !scheduledAt) return true;
    throw contentErrors.publishing();
  }
  return active.number === version && active.scheduledAt?.getTime() === scheduledAt?.getTime();
}
