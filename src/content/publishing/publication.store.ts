import { Injectable } from '@nestjs/common';
import { columnsOf, isNotDelayed, type Reader, type Tx } from '../../database/index.js';
import { ContentPublication } from '../model/content-publication.entity.js';
import type { AudienceMode, ContentKind } from '../model/content.types.js';
import type { PublicationRow } from './content.rows.js';

export const PUBLICATION_JOB = 'ContentPublicationJob';

export type NewPublication = Pick<
  ContentPublication,
  'id' | 'itemId' | 'number' | 'scheduledAt' | 'actorType' | 'actorId' | 'requestId'
>;

/** An organization whose event could not be written. `id` names it in the failures of jobs. */
export interface FailedDelivery {
  id: string;
  organizationId: string;
  publicationId: string;
}

/** What the event of an organization says, and whom it concerns. */
export interface PublishedDocument {
  operatorId: string;
  kind: ContentKind;
  key: string;
  audienceMode: AudienceMode;
  title: string;
}

const IS_ACTIVE = "(p.state = 'scheduled' or p.state = 'publishing')";

const columns = (reader: Reader): string =>
  `${columnsOf(reader, ContentPublication, 'p')},
   (select count(*)::int from content_publication_failures f where f.publication_id = p.id) as failed`;

/** Selects whether the audience of the document `$1` has the organization `o`, by the mode of the audience. */
const IN_AUDIENCE: Record<AudienceMode, string> = {
  all: '',
  only: 'and exists (select from content_audiences a where a.organization_id = o.id and a.item_id = $1)',
  except: 'and not exists (select from content_audiences a where a.organization_id = o.id and a.item_id = $1)',
};

@Injectable()
export class PublicationStore {
  async insert(tx: Tx, publication: NewPublication): Promise<void> {
    await tx.execute(
      `insert into content_publications (id, item_id, number, state, scheduled_at, actor_type, actor_id, request_id, created_at)
       values ($1, $2, $3, 'scheduled', $4, $5, $6, $7, clock_timestamp())`,
      [
        publication.id,
        publication.itemId,
        publication.number,
        publication.scheduledAt,
        publication.actorType,
        publication.actorId,
        publication.requestId,
      ],
    );
  }

  newest(reader: Reader, itemId: string): Promise<PublicationRow | null> {
    return reader.maybe<PublicationRow>(
      `select ${columns(reader)} from content_publications p where p.item_id = $1 order by p.created_at desc, p.id desc limit 1`,
      [itemId],
    );
  }

  /** Locks the publication of a document that runs or waits. A batch that another server writes ends before. */
  async lockActive(tx: Tx, itemId: string): Promise<PublicationRow | null> {
    await tx.execute(`select 1 from content_publications p where p.item_id = $1 and ${IS_ACTIVE} for update`, [itemId]);
    return tx.maybe<PublicationRow>(
      `select ${columns(tx)} from content_publications p where p.item_id = $1 and ${IS_ACTIVE}`,
      [itemId],
    );
  }

  /** Ends what runs or waits, and forgets whom nothing must be told any more. */
  async cancel(tx: Tx, itemId: string): Promise<void> {
    await tx.execute(
      `update content_publications p set state = 'cancelled', finished_at = clock_timestamp() where p.item_id = $1 and ${IS_ACTIVE}`,
      [itemId],
    );
    await this.forgetFailures(tx, itemId);
  }

  async forgetFailures(tx: Tx, itemId: string): Promise<void> {
    await tx.execute(
      `delete from content_publication_failures f using content_publications p where p.id = f.publication_id and p.item_id = $1`,
      [itemId],
    );
  }

  async start(tx: Tx, id: string, total: number): Promise<void> {
    await tx.execute(
      `update content_publications set state = 'publishing', started_at = clock_timestamp(), worked_at = clock_timestamp(),
         total = $2
       where id = $1`,
      [id, total],
    );
  }

  /** Finds scheduled publications that are due. */
  findDue(
    reader: Reader,
    limit: number,
  ): Promise<{ id: string; operatorId: string; kind: ContentKind; itemId: string }[]> {
    return reader.rows(
      `select p.id, i.operator_id as "operatorId", i.kind, i.id as "itemId"
       from content_publications p join content_items i on i.id = p.item_id
       where p.state = 'scheduled' and p.scheduled_at <= now() and ${isNotDelayed(PUBLICATION_JOB, 'p.id')}
       order by p.scheduled_at limit ${limit}`,
    );
  }

  /** Takes the publication that waited longest, unless another server works on it, until `tx` ends. */
  takeNext(tx: Tx): Promise<ContentPublication | null> {
    return tx.maybe<ContentPublication>(
      `select ${columnsOf(tx, ContentPublication, 'p')} from content_publications p where p.state = 'publishing'
       order by p.worked_at limit 1 for update skip locked`,
    );
  }

  /** Takes the publication while it runs and its cursor is where the caller saw it. */
  takeAt(tx: Tx, id: string, cursor: string | null): Promise<ContentPublication | null> {
    return tx.maybe<ContentPublication>(
      `select ${columnsOf(tx, ContentPublication, 'p')} from content_publications p
       where p.id = $1 and p.state = 'publishing' and p.cursor is not distinct from $2 for update`,
      [id, cursor],
    );
  }

  lock(tx: Tx, id: string): Promise<ContentPublication | null> {
    return tx.maybe<ContentPublication>(
      `select ${columnsOf(tx, ContentPublication, 'p')} from content_publications p where p.id = $1 for update`,
      [id],
    );
  }

  async document(reader: Reader, { itemId, number }: ContentPublication): Promise<PublishedDocument> {
    return reader.one<PublishedDocument>(
      `select i.operator_id as "operatorId", i.kind, i.key, i.audience_mode as "audienceMode", v.title
       from content_items i join content_versions v on v.item_id = i.id and v.number = $2 where i.id = $1`,
      [itemId, number],
    );
  }

  /** Returns the next organizations of the audience in the order of their ids. Those that are deleted are left out. */
  async nextOrganizations(
    reader: Reader,
    { itemId, cursor }: ContentPublication,
    { operatorId, audienceMode }: PublishedDocument,
    limit: number,
  ): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select o.id from organizations o where $1::uuid is not null and o.operator_id = $2 and o.deleted_at is null
         and ($3::uuid is null or o.id > $3) ${IN_AUDIENCE[audienceMode]}
       order by o.id limit ${limit}`,
      [itemId, operatorId, cursor],
    );
    return rows.map(({ id }) => id);
  }

  async countOrganizations(
    reader: Reader,
    itemId: string,
    { operatorId, audienceMode }: Pick<PublishedDocument, 'operatorId' | 'audienceMode'>,
  ): Promise<number> {
    const row = await reader.one<{ count: number }>(
      `select count(*)::int as count from organizations o where $1::uuid is not null and o.operator_id = $2
         and o.deleted_at is null ${IN_AUDIENCE[audienceMode]}`,
      [itemId, operatorId],
    );
    return row.count;
  }

  async advance(tx: Tx, id: string, cursor: string, done: number): Promise<void> {
    await tx.execute(
      'update content_publications set cursor = $2, done = done + $3, worked_at = clock_timestamp() where id = $1',
      [id, cursor, done],
    );
  }

  async finish(tx: Tx, id: string): Promise<void> {
    await tx.execute(
      `update content_publications set state = 'published', finished_at = clock_timestamp() where id = $1`,
      [id],
    );
  }

  async addFailure(tx: Tx, organizationId: string, publicationId: string): Promise<void> {
    await tx.execute(
      'insert into content_publication_failures (organization_id, publication_id) values ($1, $2) on conflict do nothing',
      [organizationId, publicationId],
    );
  }

  /** Returns false if the event was written, or is not due any more. */
  async takeFailure(tx: Tx, organizationId: string, publicationId: string): Promise<boolean> {
    const count = await tx.execute(
      'delete from content_publication_failures where organization_id = $1 and publication_id = $2',
      [organizationId, publicationId],
    );
    return count > 0;
  }

  isLive(reader: Reader, organizationId: string): Promise<unknown> {
    return reader.maybe('select 1 from organizations where id = $1 and deleted_at is null', [organizationId]);
  }

  async countDone(tx: Tx, id: string): Promise<void> {
    await tx.execute('update content_publications set done = done + 1 where id = $1', [id]);
  }

  findFailed(reader: Reader, limit: number): Promise<FailedDelivery[]> {
    // `isNotDelayed` calls its own table `f`.
    const id = `w.publication_id || ':' || w.organization_id`;
    return reader.rows<FailedDelivery>(
      `select ${id} as id, w.organization_id as "organizationId", w.publication_id as "publicationId"
       from content_publication_failures w where ${isNotDelayed(PUBLICATION_JOB, `(${id})`)}
       order by w.organization_id limit ${limit}`,
    );
  }

  /** Counts the publications that have not told the organization yet. */
  async countWaiting(reader: Reader, organizationId: string): Promise<number> {
    const row = await reader.one<{ count: number }>(
      `select count(*)::int as count from content_publications p join content_items i on i.id = p.item_id
         join organizations o on o.operator_id = i.operator_id and o.id = $1
       where exists (select from content_publication_failures f where f.organization_id = o.id and f.publication_id = p.id)
         or p.state = 'publishing' and (p.cursor is null or p.cursor < o.id)
           and (i.audience_mode = 'all' or (i.audience_mode = 'only') =
             exists (select from content_audiences a where a.organization_id = o.id and a.item_id = i.id))`,
      [organizationId],
    );
    return row.count;
  }
}
