import { Injectable } from '@nestjs/common';
import { containing, type Page, Pager, type PageQuery, Where } from '../../common/pagination/index.js';
import { columnsOf, type Reader, refusingOn, type Tx } from '../../database/index.js';
import { contentErrors } from '../model/content.errors.js';
import { ContentAudience, ContentItem, ContentVersion } from '../model/content-item.entity.js';
import type { AudienceMode, ContentKind, ContentText } from '../model/content.types.js';
import type { ContentQuery } from './content.dto.js';
import type { ItemRow, VersionRow } from './content.rows.js';

const FROM = `content_items i join content_versions v on v.item_id = i.id and v.number = i.latest_version
  left join content_publications p on p.item_id = i.id and (p.state = 'scheduled' or p.state = 'publishing')`;

const columns = (reader: Reader): string =>
  `${columnsOf(reader, ContentItem, 'i')}, v.title, v.format, v.published_at as "publishedAt", p.state as "activeState",
   p.number as "activeNumber", case when p.state = 'scheduled' then p.scheduled_at end as "scheduledAt"`;

/** The same decision as `stateOf`, for a filter. */
const STATE = `case when p.state = 'publishing' then 'publishing' when v.published_at is null then 'draft'
  when i.withdrawn_at is not null then 'withdrawn' else 'published' end`;

export interface Audience {
  mode: AudienceMode;
  organizationIds: string[];
}

export type NewItem = Pick<ContentItem, 'id' | 'operatorId' | 'kind' | 'key' | 'audienceMode'>;

const textValues = ({ title, body, format, fields, attachments }: ContentText): unknown[] => [
  title,
  body,
  format,
  JSON.stringify(fields),
  JSON.stringify(attachments),
];

@Injectable()
export class ContentStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, { id, operatorId, kind, key, audienceMode }: NewItem): Promise<void> {
    await refusingOn({ content_items_operator_id_kind_key_key: () => contentErrors.key_taken() }, () =>
      tx.execute(
        `insert into content_items (id, operator_id, kind, key, audience_mode, updated_at) values ($1, $2, $3, $4, $5, now())`,
        [id, operatorId, kind, key, audienceMode],
      ),
    );
  }

  async insertVersion(
    tx: Tx,
    itemId: string,
    number: number,
    text: ContentText,
    createdBy: string | null,
  ): Promise<void> {
    await tx.execute(
      `insert into content_versions (item_id, number, title, body, format, fields, attachments, created_by, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())`,
      [itemId, number, ...textValues(text), createdBy],
    );
    await tx.execute(
      'update content_items set latest_version = $2, updated_at = now(), revision = revision + 1 where id = $1',
      [itemId, number],
    );
  }

  async updateDraft(tx: Tx, itemId: string, number: number, text: ContentText): Promise<void> {
    await tx.execute(
      `update content_versions set title = $3, body = $4, format = $5, fields = $6, attachments = $7,
         updated_at = clock_timestamp()
       where item_id = $1 and number = $2`,
      [itemId, number, ...textValues(text)],
    );
    await this.touch(tx, itemId);
  }

  /** Names the organizations of the audience. Locks them against their purge. */
  async setAudience(tx: Tx, operatorId: string, itemId: string, { mode, organizationIds }: Audience): Promise<void> {
    const found = await tx.rows<{ id: string }>(
      `select o.id from organizations o where o.operator_id = $1 and o.id = any ($2::uuid[]) and o.purge_started_at is null
       order by o.id for key share`,
      [operatorId, organizationIds],
    );
    const known = new Set(found.map(({ id }) => id));
    const unknown = organizationIds.filter((id) => !known.has(id));
    if (unknown.length > 0) throw contentErrors.unknown_organization({ data: { organizationIds: unknown } });
    await tx.delete(ContentAudience, { itemId });
    await tx.execute(
      'insert into content_audiences (organization_id, item_id) select unnest($2::uuid[]), $1 on conflict do nothing',
      [itemId, organizationIds],
    );
    await tx.execute('update content_items set audience_mode = $2 where id = $1', [itemId, mode]);
    await this.touch(tx, itemId);
  }

  async audience(reader: Reader, itemId: string): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      'select organization_id as id from content_audiences where item_id = $1 order by organization_id',
      [itemId],
    );
    return rows.map(({ id }) => id);
  }

  async setPublished(tx: Tx, itemId: string, number: number): Promise<void> {
    await tx.execute(
      `update content_versions set published_at = clock_timestamp()
       where item_id = $1 and number = $2 and published_at is null`,
      [itemId, number],
    );
    await tx.execute('update content_items set published_version = $2, withdrawn_at = null where id = $1', [
      itemId,
      number,
    ]);
    await this.touch(tx, itemId);
  }

  async setWithdrawn(tx: Tx, itemId: string): Promise<void> {
    await tx.execute('update content_items set withdrawn_at = clock_timestamp() where id = $1', [itemId]);
    await this.touch(tx, itemId);
  }

  /** Removes a document that was never published. */
  async remove(tx: Tx, itemId: string): Promise<void> {
    for (const table of ['content_publications', 'content_audiences', 'content_versions'])
      await tx.execute(`delete from ${table} where item_id = $1`, [itemId]);
    await tx.execute('delete from content_items where id = $1', [itemId]);
  }

  find(reader: Reader, operatorId: string, kind: ContentKind, id: string): Promise<ItemRow | null> {
    return reader.maybe<ItemRow>(
      `select ${columns(reader)} from ${FROM} where i.operator_id = $1 and i.kind = $2 and i.id = $3`,
      [operatorId, kind, id],
    );
  }

  /** Locks the document until `tx` ends. The order of locks is document → publication. */
  async lock(tx: Tx, operatorId: string, kind: ContentKind, id: string): Promise<ItemRow | null> {
    await tx.execute('select 1 from content_items where operator_id = $1 and kind = $2 and id = $3 for no key update', [
      operatorId,
      kind,
      id,
    ]);
    return this.find(tx, operatorId, kind, id);
  }

  version(reader: Reader, itemId: string, number: number): Promise<VersionRow | null> {
    return reader.maybe<VersionRow>(
      `select ${columnsOf(reader, ContentVersion, 'v')} from content_versions v where v.item_id = $1 and v.number = $2`,
      [itemId, number],
    );
  }

  count(reader: Reader, operatorId: string, kind: ContentKind): Promise<number> {
    return reader.countBy(ContentItem, { operatorId, kind });
  }

  keyExists(reader: Reader, operatorId: string, kind: ContentKind, key: string): Promise<boolean> {
    return reader.existsBy(ContentItem, { operatorId, kind, key });
  }

  page(reader: Reader, operatorId: string, kind: ContentKind, query: ContentQuery): Promise<Page<ItemRow>> {
    return this.pager.page(
      reader,
      {
        name: 'content_items',
        columns: columns(reader),
        from: FROM,
        sorts: {
          title: { sql: 'v.title', type: 'name' },
          key: { sql: 'i.key', type: 'text' },
          createdAt: { sql: 'i.created_at', type: 'timestamptz' },
        },
        tieBreaker: { sql: 'i.id', type: 'uuid' },
      },
      new Where()
        .add('i.operator_id = ?', operatorId)
        .add('i.kind = ?', kind)
        .when(`${STATE} = ?`, query.state)
        .when("(v.title || ' ' || i.key) ilike ?", query.q && containing(query.q)),
      query,
    );
  }

  /** Lists the versions of a document without their text, newest first. */
  versionsPage(
    reader: Reader,
    itemId: string,
    query: PageQuery,
  ): Promise<Page<Omit<VersionRow, 'body' | 'fields' | 'attachments'>>> {
    const number = { sql: 'v.number', type: 'bigint' } as const;
    return this.pager.page(
      reader,
      {
        name: 'content_versions',
        columns: `v.item_id as "itemId", v.number, v.title, v.format, v.created_by as "createdBy", v.created_at as "createdAt",
          v.updated_at as "updatedAt", v.published_at as "publishedAt"`,
        from: 'content_versions v',
        sorts: { version: number },
        defaultSort: '-version',
        tieBreaker: number,
      },
      new Where().add('v.item_id = ?', itemId),
      query,
    );
  }

  private async touch(tx: Tx, itemId: string): Promise<void> {
    await tx.execute('update content_items set updated_at = now(), revision = revision + 1 where id = $1', [itemId]);
  }
}
