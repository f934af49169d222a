import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { OrganizationAccess, UnitAccess } from '../../common/access/index.js';
import type { Page } from '../../common/pagination/index.js';
import { Database, type Reader } from '../../database/index.js';
import { OrganizationService } from '../../organizations/index.js';
import { UnitService } from '../../units/index.js';
import { contentErrors } from '../model/content.errors.js';
import { type ContentTag, etagOfContent } from '../model/content.etag.js';
import type { ContentKind } from '../model/content.types.js';
import { ContentRenderer } from '../rendering/content-renderer.service.js';
import type {
  ContentComparisonView,
  ReceivedContentItemView,
  ReceivedContentQuery,
  ReceivedContentView,
} from './received-content.dto.js';
import type { ReceivedItemRow, ReceivedRow } from './received-content.rows.js';
import { ReceivedContentStore } from './received-content.store.js';
import { compareFields, type Path, resolveFields, unusedOverrides } from './received-fields.js';

export type ReceiverAccess = OrganizationAccess & Partial<UnitAccess>;

/** In characters. */
const CACHED_HTML = 16 * 1024 * 1024;

/** Returns the version that the organization last changed something at, or else the one that it uses. */
const basedOn = (row: ReceivedItemRow): number => row.basedOn ?? row.number;

export const tagOfReceived = (row: ReceivedItemRow): ContentTag =>
  `${row.number}-${row.available}-${row.adoptionRevision ?? 0}`;

const stateOf = (row: ReceivedItemRow) => (row.isPublishing ? 'publishing' : 'published');

const toItemView = (row: ReceivedItemRow): ReceivedContentItemView => ({
  id: row.id,
  key: row.key,
  title: row.title,
  format: row.format,
  state: stateOf(row),
  version: row.number,
  follow: row.pinned ?? 'latest',
  basedOn: basedOn(row),
  available: row.available,
  overridden: Object.keys(row.overrides ?? {}).length > 0,
  publishedAt: row.publishedAt?.toISOString() ?? null,
});

/** Shows organizations and units what they receive. Nothing is cached that a withdrawal would have to reach. */
@Injectable()
export class ReceivedContentService {
  /** Published versions never change. */
  private readonly html = new LRUCache<string, string>({
    maxSize: CACHED_HTML,
    sizeCalculation: (html) => html.length + 1,
  });

  constructor(
    private readonly db: Database,
    private readonly store: ReceivedContentStore,
    private readonly organizations: OrganizationService,
    private readonly units: UnitService,
    private readonly renderer: ContentRenderer,
  ) {}

  async list(
    { organizationId }: ReceiverAccess,
    kind: ContentKind,
    query: ReceivedContentQuery,
  ): Promise<Page<ReceivedContentItemView>> {
    const page = await this.store.page(this.db.reader, organizationId, kind, query);
    return { ...page, items: page.items.map(toItemView) };
  }

  async view(access: ReceiverAccess, kind: ContentKind, id: string): Promise<ReceivedContentView> {
    const { reader } = this.db;
    const row = await this.find(reader, access, kind, id);
    const overrides = row.overrides ?? {};
    const html = kind === 'content' && row.format === 'markdown' ? await this.htmlOf(access, row) : undefined;
    return {
      ...toItemView(row),
      body: row.body,
      ...(html !== undefined && { html }),
      attachments: row.attachments,
      fields: row.fields.map(({ name, type }) => ({ name, type })),
      ...resolveFields(row.fields, overrides, await this.pathOf(reader, access)),
      unused: unusedOverrides(row.fields, overrides),
      comparison: await this.comparison(reader, row),
      etag: etagOfContent(tagOfReceived(row), stateOf(row)),
    };
  }

  async find(reader: Reader, { organizationId }: ReceiverAccess, kind: ContentKind, id: string): Promise<ReceivedRow> {
    const row = await this.store.find(reader, organizationId, kind, id);
    if (!row) throw contentErrors.not_found();
    return row;
  }

  /** Names the levels that values come from. */
  async pathOf(reader: Reader, access: ReceiverAccess, unitId = access.unitId): Promise<Path> {
    const { operator, organizationId } = access;
    const { name } = await this.organizations.get(reader, [organizationId]);
    return {
      operator: { level: 'operator', id: operator.id, name: operator.name },
      organization: { level: 'organization', id: organizationId, name },
      ...(unitId !== undefined && {
        unit: { level: 'unit', id: unitId, name: (await this.units.getVisible(access, unitId)).name },
      }),
    };
  }

  private async comparison(reader: Reader, row: ReceivedRow): Promise<ContentComparisonView | null> {
    if (basedOn(row) === row.available) return null;
    const [before, after] = [
      await this.store.version(reader, row.id, basedOn(row)),
      await this.store.version(reader, row.id, row.available),
    ];
    if (!before || !after) return null;
    return {
      titleChanged: before.title !== after.title,
      bodyChanged: before.body !== after.body,
      formatChanged: before.format !== after.format,
      attachmentsChanged: !isDeepStrictEqual(before.attachments, after.attachments),
      fields: compareFields(before.fields, after.fields, row.overrides ?? {}),
    };
  }

  private async htmlOf({ organizationId }: ReceiverAccess, row: ReceivedRow): Promise<string> {
    const key = `${row.id}:${row.number}`;
    const known = this.html.get(key);
    if (known !== undefined) return known;
    const { html = '' } = await this.renderer.render(organizationId, row, {});
    this.html.set(key, html);
    return html;
  }
}
