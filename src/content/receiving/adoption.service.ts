import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { OrganizationAccess } from '../../common/access/index.js';
import { unknownField } from '../../common/errors/index.js';
import { Database } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import { OrganizationService } from '../../organizations/index.js';
import { contentErrors } from '../model/content.errors.js';
import { assertMatchesTag } from '../model/content.etag.js';
import { valueFault } from '../model/content.fields.js';
import type { ContentField, ContentKind, FieldValue } from '../model/content.types.js';
import { type Follow, MAX_OVERRIDES, type PatchAdoption, type ReceivedContentView } from './received-content.dto.js';
import type { ReceivedRow } from './received-content.rows.js';
import { ReceivedContentService, tagOfReceived } from './received-content.service.js';
import { ReceivedContentStore } from './received-content.store.js';

type Overrides = Record<string, FieldValue>;

/** All overrides of a document. */
const MAX_BYTES = 256 * 1024;
/** Larger values are shown in events by their size and hash. */
const MAX_SHOWN = 500;

/** Lets organizations override fields and keep a version. */
@Injectable()
export class AdoptionService {
  constructor(
    private readonly db: Database,
    private readonly store: ReceivedContentStore,
    private readonly received: ReceivedContentService,
    private readonly organizations: OrganizationService,
    private readonly events: EventService,
  ) {}

  /** Changes what is given. Afterwards the adoption is based on the version that the organization uses. */
  async adopt(
    access: OrganizationAccess,
    kind: ContentKind,
    id: string,
    input: PatchAdoption,
    ifMatch: string | undefined,
  ): Promise<ReceivedContentView> {
    const { organizationId, actor } = access;
    await this.db.transaction(
      async (tx) => {
        await this.organizations.lockActive(tx, organizationId);
        const row = await this.store.share(tx, organizationId, kind, id);
        if (!row) throw contentErrors.not_found();
        assertMatchesTag(ifMatch, tagOfReceived(row));
        const follow = input.follow ?? row.pinned ?? 'latest';
        const pinned = follow === 'latest' ? null : follow;
        const basedOn = pinned ?? row.available;
        const version = await this.store.version(tx, id, basedOn);
        if (!version) throw contentErrors.unknown_version();
        const before = row.overrides ?? {};
        const overrides = merged(version.fields, before, input.overrides ?? {}, access);
        const hasChanged = pinned !== row.pinned || !isDeepStrictEqual(overrides, before);
        if (!hasChanged && basedOn === (row.basedOn ?? basedOn)) return;
        if (pinned === null && Object.keys(overrides).length === 0) await this.store.reset(tx, organizationId, id);
        else {
          const updatedBy = actor.userId;
          await this.store.adopt(tx, { organizationId, itemId: id, pinned, overrides, basedOn, updatedBy });
        }
        await this.events.recordBy(tx, access, `${kind}.adopted`, id, {
          before: toEventPayload(row.pinned ?? 'latest', before, row.basedOn),
          after: toEventPayload(follow, overrides, basedOn),
        });
      },
      { keepsAccess: true },
    );
    return this.received.view(access, kind, id);
  }

  /** Follows the newest version again without overrides. Without an adoption nothing changes. */
  reset(access: OrganizationAccess, kind: ContentKind, id: string, ifMatch: string | undefined): Promise<void> {
    const { organizationId } = access;
    return this.db.transaction(
      async (tx) => {
        await this.organizations.lockActive(tx, organizationId);
        const row: ReceivedRow | null = await this.store.share(tx, organizationId, kind, id);
        if (!row) throw contentErrors.not_found();
        assertMatchesTag(ifMatch, tagOfReceived(row));
        if (row.overrides === null) return;
        await this.store.reset(tx, organizationId, id);
        await this.events.recordBy(tx, access, `${kind}.adoption_reset`, id, {
          before: toEventPayload(row.pinned ?? 'latest', row.overrides, row.basedOn),
        });
      },
      { keepsAccess: true },
    );
  }
}

/** Returns the overrides with the given ones. Removing one is always possible. */
function merged(
  fields: readonly ContentField[],
  current: Overrides,
  given: Overrides,
  { operator }: OrganizationAccess,
): Overrides {
  const overrides = new Map(Object.entries(current));
  for (const [name, value] of Object.entries(given)) {
    if (value === null) {
      overrides.delete(name);
      continue;
    }
    const field = fields.find((one) => one.name === name);
    if (!field) throw contentErrors.unknown_field({ errors: [unknownField(`overrides.${name}`)] });
    if (field.locked) {
      const lockedBy = { level: 'operator', id: operator.id, name: operator.name };
      throw contentErrors.field_locked({ data: { locked: { [name]: lockedBy } } });
    }
    const fault = valueFault(`overrides.${name}`, field.type, value);
    if (fault) throw contentErrors.wrong_type({ errors: [fault] });
    overrides.set(name, value);
  }
  const result = Object.fromEntries(overrides);
  if (overrides.size > MAX_OVERRIDES || Buffer.byteLength(JSON.stringify(result)) > MAX_BYTES)
    throw contentErrors.too_large();
  return result;
}

function shown(value: FieldValue): FieldValue {
  const text = JSON.stringify(value);
  if (text.length <= MAX_SHOWN) return value;
  return { bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}

const toEventPayload = (follow: Follow, overrides: Overrides, basedOn: number | null) => ({
  follow,
  basedOn,
  overrides: Object.fromEntries(Object.entries(overrides).map(([name, value]) => [name, shown(value)])),
});
