import { Injectable } from '@nestjs/common';
import { containing, type Page, Pager, Where } from '../../common/pagination/index.js';
import { columnsOf, type Reader, type Tx } from '../../database/index.js';
import { ContentVersion } from '../model/content-item.entity.js';
import type { ContentKind, FieldValue } from '../model/content.types.js';
import type { ReceivedContentQuery } from './received-content.dto.js';
import type { ReceivedItemRow, ReceivedRow } from './received-content.rows.js';

const FROM = `organizations o
  join content_items i on i.operator_id = o.operator_id
  left join content_adoptions a on a.organization_id = o.id and a.item_id = i.id
  join content_versions v on v.item_id = i.id and v.number = coalesce(a.pinned, i.published_version)`;

const COLUMNS = `i.id, i.operator_id as "operatorId", i.kind, i.key, v.number, v.title, v.format, v.published_at as "publishedAt",
  i.published_version as available, a.pinned, a.based_on as "basedOn", a.overrides, a.revision as "adoptionRevision",
  exists (select from content_publications p where p.item_id = i.id and p.state = 'publishing') as "isPublishing"`;

/** Selects whether the organization `o` receives the document `i`. Nothing is copied, so changes apply at once. */
const IS_RECEIVED = `i.published_version is not null and i.withdrawn_at is null
  and (i.audience_mode = 'all' or (i.audience_mode = 'only') =
    exists (select from content_audiences m where m.organization_id = o.id and m.item_id = i.id))`;

const STATE = `case when exists (select from content_publications p where p.item_id = i.id and p.state = 'publishing')
  then 'publishing' else 'published' end`;

export interface NewAdoption {
  organizationId: string;
  itemId: string;
  pinned: number | null;
  overrides: Record<string, FieldValue>;
  basedOn: number;
  updatedBy: string | null;
}

@Injectable()
export class ReceivedContentStore {
  constructor(private readonly pager: Pager) {}

  page(
    reader: Reader,
    organizationId: string,
    kind: ContentKind,
    query: ReceivedContentQuery,
  ): Promise<Page<ReceivedItemRow>> {
    return this.pager.page(
      reader,
      {
        name: 'received_content',
        columns: COLUMNS,
        from: FROM,
        sorts: { title: { sql: 'v.title', type: 'name' }, key: { sql: 'i.key', type: 'text' } },
        tieBreaker: { sql: 'i.id', type: 'uuid' },
      },
      new Where()
        .add('o.id = ?', organizationId)
        .add('i.kind = ?', kind)
        .add(IS_RECEIVED)
        .when(`${STATE} = ?`, query.state)
        .when("(v.title || ' ' || i.key) ilike ?", query.q && containing(query.q)),
      query,
    );
  }

  find(reader: Reader, organizationId: string, kind: ContentKind, id: string): Promise<ReceivedRow | null> {
    return reader.maybe<ReceivedRow>(
      `select ${COLUMNS}, v.body, v.fields, v.attachments from ${FROM}
       where o.id = $1 and i.kind = $2 and i.id = $3 and ${IS_RECEIVED}`,
      [organizationId, kind, id],
    );
  }

  /** Keeps the document as it is until `tx` ends, so that no version is published meanwhile. Runs under the organization's lock. */
  async share(tx: Tx, organizationId: string, kind: ContentKind, id: string): Promise<ReceivedRow | null> {
    await tx.execute('select 1 from content_items where id = $1 for share', [id]);
    return this.find(tx, organizationId, kind, id);
  }

  version(reader: Reader, itemId: string, number: number): Promise<ContentVersion | null> {
    return reader.maybe<ContentVersion>(
      `select ${columnsOf(reader, ContentVersion, 'v')} from content_versions v
       where v.item_id = $1 and v.number = $2 and v.published_at is not null`,
      [itemId, number],
    );
  }

  async adopt(tx: Tx, adoption: NewAdoption): Promise<void> {
    const { organizationId, itemId, pinned, overrides, basedOn, updatedBy } = adoption;
    await tx.execute(
      `insert into content_adoptions as a (organization_id, item_id, pinned, overrides, based_on, updated_by, updated_at)
       values ($1, $2, $3, $4, $5, $6, clock_timestamp())
       on conflict (organization_id, item_id) do update set pinned = excluded.pinned, overrides = excluded.overrides,
         based_on = excluded.based_on, updated_by = excluded.updated_by, updated_at = excluded.updated_at,
         revision = a.revision + 1`,
      [organizationId, itemId, pinned, JSON.stringify(overrides), basedOn, updatedBy],
    );
  }

  async reset(tx: Tx, organizationId: string, itemId: string): Promise<void> {
    await tx.execute('delete from content_adoptions where organization_id = $1 and item_id = $2', [
      organizationId,
      itemId,
    ]);
  }
}
