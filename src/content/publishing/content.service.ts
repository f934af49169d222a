import { Injectable } from '@nestjs/common';
import type { Access } from '../../common/access/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { newId, slugFrom } from '../../common/ids/index.js';
import type { Page, PageQuery } from '../../common/pagination/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import { OperatorService } from '../../operators/index.js';
import { contentErrors } from '../model/content.errors.js';
import { assertMatchesTag } from '../model/content.etag.js';
import { fieldFaults } from '../model/content.fields.js';
import type { ContentKind, ContentText } from '../model/content.types.js';
import { ContentRenderer } from '../rendering/content-renderer.service.js';
import {
  type AudienceInput,
  type ContentDocumentView,
  type ContentListItemView,
  type ContentQuery,
  type ContentVersionItemView,
  type ContentVersionView,
  type CreateContent,
  type CreateContentVersion,
  type PatchContent,
  tagOfItem,
  toContentDocumentView,
  toContentListItemView,
  toContentVersionItemView,
  toContentVersionView,
} from './content.dto.js';
import type { ItemRow, VersionRow } from './content.rows.js';
import { type Audience, ContentStore } from './content.store.js';
import { changesOfText, toEventPayload } from './content.events.js';

const MAX_ITEMS = 1_000;
const MAX_VERSIONS = 500;

const EVERYONE: Audience = { mode: 'all', organizationIds: [] };

/** Manages the documents of an operator and their versions. Published versions never change. */
@Injectable()
export class ContentService {
  constructor(
    private readonly db: Database,
    private readonly store: ContentStore,
    private readonly operators: OperatorService,
    private readonly events: EventService,
    private readonly renderer: ContentRenderer,
  ) {}

  async list({ operator }: Access, kind: ContentKind, query: ContentQuery): Promise<Page<ContentListItemView>> {
    const page = await this.store.page(this.db.reader, operator.id, kind, query);
    return { ...page, items: page.items.map(toContentListItemView) };
  }

  async view(access: Access, kind: ContentKind, id: string): Promise<ContentDocumentView> {
    const { reader } = this.db;
    return this.viewIn(reader, await this.find(reader, access, kind, id));
  }

  async create(access: Access, kind: ContentKind, input: CreateContent): Promise<ContentDocumentView> {
    const operatorId = access.operator.id;
    const text = checkedText({
      title: input.title,
      body: input.body,
      format: input.format ?? 'markdown',
      ...lists(input),
    });
    const audience = audienceOf(input.audience);
    await this.renderer.check(operatorId, text.body, text.format);
    return this.db.transaction(
      async (tx) => {
        await this.operators.lock(tx, operatorId);
        if ((await this.store.count(tx, operatorId, kind)) >= MAX_ITEMS) throw contentErrors.limit_reached();
        const id = newId();
        const key = input.key ?? (await this.freeKey(tx, operatorId, kind, input.title));
        await this.store.insert(tx, { id, operatorId, kind, key, audienceMode: audience.mode });
        await this.store.insertVersion(tx, id, 1, text, access.actor.userId);
        if (audience.organizationIds.length > 0) await this.store.setAudience(tx, operatorId, id, audience);
        await this.events.recordBy(tx, access, `${kind}.created`, id, {
          after: { key, ...toEventPayload(text), audience },
        });
        return this.viewIn(tx, await this.find(tx, access, kind, id));
      },
      { keepsAccess: true },
    );
  }

  /** Changes the draft, and the audience, which is not versioned. */
  async patch(
    access: Access,
    kind: ContentKind,
    id: string,
    input: PatchContent,
    ifMatch: string | undefined,
  ): Promise<ContentDocumentView> {
    const audience = input.audience && audienceOf(input.audience);
    await this.checkBody(access, input);
    return this.db.transaction(
      async (tx) => {
        const item = await this.lock(tx, access, kind, id);
        assertMatchesTag(ifMatch, tagOfItem(item));
        const current = await this.newest(tx, item);
        const before = { mode: item.audienceMode, organizationIds: await this.store.audience(tx, id) };
        const text = merged(current, input);
        const changes = changesOfText(current, text);
        const audienceChanges = audience && !isSame(before, audience) ? { before, after: audience } : null;
        if (changes) {
          assertDraft(item);
          await this.store.updateDraft(tx, id, current.number, checkedText(text));
        }
        if (audience && audienceChanges) await this.store.setAudience(tx, item.operatorId, id, audience);
        if (changes || audienceChanges)
          await this.events.recordBy(tx, access, `${kind}.updated`, id, {
            before: { ...changes?.before, ...(audienceChanges && { audience: before }) },
            after: { ...changes?.after, ...(audienceChanges && { audience }) },
          });
        return this.viewIn(tx, await this.find(tx, access, kind, id));
      },
      { keepsAccess: true },
    );
  }

  delete(access: Access, kind: ContentKind, id: string): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        const item = await this.lock(tx, access, kind, id);
        if (item.publishedVersion !== null) throw contentErrors.published();
        await this.store.remove(tx, id);
        await this.events.recordBy(tx, access, `${kind}.deleted`, id, {
          before: { key: item.key, title: item.title, version: item.latestVersion },
        });
      },
      { keepsAccess: true },
    );
  }

  async versions(
    access: Access,
    kind: ContentKind,
    id: string,
    query: PageQuery,
  ): Promise<Page<ContentVersionItemView>> {
    const { reader } = this.db;
    const item = await this.find(reader, access, kind, id);
    const page = await this.store.versionsPage(reader, id, query);
    return { ...page, items: page.items.map((version) => toContentVersionItemView(item, version)) };
  }

  async version(access: Access, kind: ContentKind, id: string, number: number): Promise<ContentVersionView> {
    const { reader } = this.db;
    const item = await this.find(reader, access, kind, id);
    const version = await this.store.version(reader, id, number);
    if (!version) throw contentErrors.version_not_found();
    return toContentVersionView(item, version);
  }

  /** Makes the next draft. There is one at a time. */
  async addVersion(
    access: Access,
    kind: ContentKind,
    id: string,
    input: CreateContentVersion,
  ): Promise<ContentVersionView> {
    await this.checkBody(access, input);
    return this.db.transaction(
      async (tx) => {
        const item = await this.lock(tx, access, kind, id);
        const current = await this.newest(tx, item);
        if (current.publishedAt === null) throw contentErrors.draft_exists();
        if (current.number >= MAX_VERSIONS) throw contentErrors.too_many_versions();
        const text = checkedText(merged(current, input));
        const number = current.number + 1;
        await this.store.insertVersion(tx, id, number, text, access.actor.userId);
        await this.events.recordBy(tx, access, `${kind}.version_created`, id, {
          after: { version: number, ...toEventPayload(text) },
        });
        const version = await this.store.version(tx, id, number);
        if (!version) throw contentErrors.version_not_found();
        return toContentVersionView(await this.find(tx, access, kind, id), version);
      },
      { keepsAccess: true },
    );
  }

  /** Renders a new body outside of the transaction. Without a format, it may stay Markdown. */
  private async checkBody({ operator }: Access, { body, format = 'markdown' }: CreateContentVersion): Promise<void> {
    if (body !== undefined) await this.renderer.check(operator.id, body, format);
  }

  private async viewIn(reader: Reader, item: ItemRow): Promise<ContentDocumentView> {
    return toContentDocumentView(item, await this.newest(reader, item), await this.store.audience(reader, item.id));
  }

  private async newest(reader: Reader, item: ItemRow): Promise<VersionRow> {
    const version = await this.store.version(reader, item.id, item.latestVersion);
    if (!version) throw contentErrors.version_not_found();
    return version;
  }

  private async find(reader: Reader, { operator }: Access, kind: ContentKind, id: string): Promise<ItemRow> {
    const item = await this.store.find(reader, operator.id, kind, id);
    if (!item) throw contentErrors.not_found();
    return item;
  }

  private async lock(tx: Tx, { operator }: Access, kind: ContentKind, id: string): Promise<ItemRow> {
    const item = await this.store.lock(tx, operator.id, kind, id);
    if (!item) throw contentErrors.not_found();
    return item;
  }

  private async freeKey(tx: Tx, operatorId: string, kind: ContentKind, title: string): Promise<string> {
    const key = slugFrom(title, kind);
    const free = !(await this.store.keyExists(tx, operatorId, kind, key));
    return free ? key : `${key.slice(0, 41).replace(/-+$/, '')}-${newId().slice(-8)}`;
  }
}

function assertDraft(item: ItemRow): void {
  if (item.publishedAt !== null) throw contentErrors.version_published();
  if (item.activeNumber === item.latestVersion) throw contentErrors.version_scheduled();
}

const lists = ({
  fields = [],
  attachments = [],
}: CreateContentVersion): Pick<ContentText, 'fields' | 'attachments'> => ({
  fields: fields.map(({ name, type, default: value = null, locked = false }) => ({
    name,
    type,
    default: value,
    locked,
  })),
  attachments: attachments.map(({ name, url }) => ({ name, url })),
});

/** Returns a version with the given parts in place of those of the newest one. */
function merged(current: ContentText, input: CreateContentVersion): ContentText {
  const { fields, attachments } = lists(input);
  return {
    title: input.title ?? current.title,
    body: input.body ?? current.body,
    format: input.format ?? current.format,
    fields: input.fields ? fields : current.fields,
    attachments: input.attachments ? attachments : current.attachments,
  };
}

/** Refuses a text that organizations could not use. */
function checkedText(text: ContentText): ContentText {
  const errors = fieldFaults(text.fields);
  if (errors.length > 0) throw commonErrors.validation_failed({ errors });
  if (text.format === 'json') assertJson(text.body);
  return text;
}

function assertJson(body: string): void {
  try {
    JSON.parse(body);
  } catch {
    throw contentErrors.invalid_json();
  }
}

function audienceOf(input: AudienceInput | undefined): Audience {
  if (!input) return EVERYONE;
  const { mode, organizationIds = [] } = input;
  const field = 'audience.organizationIds';
  if (mode === 'all' && organizationIds.length > 0)
    throw commonErrors.validation_failed({
      errors: [{ field, code: 'too_many', params: { max: 0 }, message: `${field} must be empty for the mode all` }],
    });
  if (mode !== 'all' && organizationIds.length === 0)
    throw commonErrors.validation_failed({
      errors: [{ field, code: 'too_few', params: { min: 1 }, message: `${field} must name an organization` }],
    });
  return { mode, organizationIds: organizationIds.map((id) => id.toLowerCase()).toSorted() };
}

const isSame = (a: Audience, b: Audience): boolean =>
  a.mode === b.mode && a.organizationIds.join() === b.organizationIds.join();
