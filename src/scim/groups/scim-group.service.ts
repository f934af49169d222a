import { Injectable } from '@nestjs/common';
import type { OrganizationAccess } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { isId, newId } from '../../common/ids/index.js';
import { truncate } from '../../common/validation/index.js';
import { EventService } from '../../events/index.js';
import { assertVersion } from '../protocol/version.js';
import { scimBaseUrl } from '../protocol/base-url.js';
import { ScimAccessService } from '../access/scim-access.service.js';
import { scimErrors } from '../protocol/scim.errors.js';
import { GROUP_TYPE } from '../protocol/attributes.js';
import { documentOf } from '../protocol/document.js';
import { listQueryOf } from '../protocol/list-query.js';
import { operationsOf, patched } from '../protocol/patch.js';
import { includes, projected, type Projection } from '../protocol/projection.js';
import type { RawQuery } from '../protocol/raw-query.js';
import { listResponse, type ListResponse, type Resource } from '../protocol/resource.js';
import { GroupGrantService } from '../settings/group-grant.service.js';
import { contentOfGroup, groupVersion, toGroupResource, writtenOfGroup } from './scim-group.resource.js';
import { type ScimGroupRow, ScimGroupStore } from './scim-group.store.js';

const MAX_GROUPS = 5_000;
/** Of the unknown members that an event names. */
const MAX_NAMED = 20;

type Content = ReturnType<typeof contentOfGroup>;

@Injectable()
export class ScimGroupService {
  constructor(
    private readonly db: Database,
    private readonly store: ScimGroupStore,
    private readonly scimAccess: ScimAccessService,
    private readonly grants: GroupGrantService,
    private readonly events: EventService,
    private readonly config: Config,
  ) {}

  async list(access: OrganizationAccess, raw: RawQuery): Promise<ListResponse> {
    const query = listQueryOf(GROUP_TYPE, raw);
    const withMembers = includes(query.projection, 'members');
    const { total, rows } = await this.store.list(this.db.reader, access.organizationId, { ...query, withMembers });
    const resources = rows.map((row) => projected(this.resource(access, row), query.projection));
    return listResponse(total, query.startIndex, resources);
  }

  async view(access: OrganizationAccess, id: string, projection: Projection): Promise<Resource> {
    return this.resource(access, await this.get(this.db.reader, access, id, includes(projection, 'members')));
  }

  create(access: OrganizationAccess, body: unknown): Promise<Resource> {
    const content = contentOfGroup(documentOf(GROUP_TYPE, body));
    const { organizationId } = access;
    return this.db.transaction(async (tx) => {
      await this.scimAccess.authorizeEdit(tx, access);
      if ((await this.store.count(tx, organizationId)) >= MAX_GROUPS) throw scimErrors.limit_reached();
      const id = newId();
      await this.store.put(tx, organizationId, id, content);
      const { displayName, externalId } = content;
      const { known: memberIds, unknown } = await this.addMembers(tx, access, id, content.memberIds);
      await this.events.recordBy(tx, access, 'scim_group.created', id, {
        after: { displayName, externalId, memberIds, ...(unknown.length > 0 && { unknownMembers: unknown }) },
      });
      await this.grants.apply(tx, access, memberIds);
      return this.resource(access, await this.get(tx, access, id));
    });
  }

  replace(access: OrganizationAccess, id: string, body: unknown, ifMatch: string | undefined): Promise<Resource> {
    const content = contentOfGroup(documentOf(GROUP_TYPE, body));
    return this.change(access, id, ifMatch, () => content);
  }

  patch(access: OrganizationAccess, id: string, body: unknown, ifMatch: string | undefined): Promise<Resource> {
    const operations = operationsOf(body);
    return this.change(access, id, ifMatch, (row) =>
      contentOfGroup(patched(GROUP_TYPE, writtenOfGroup(row), operations)),
    );
  }

  /** Deletes the group and revokes what it granted. */
  delete(access: OrganizationAccess, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.scimAccess.authorizeEdit(tx, access);
      const { displayName, externalId, members } = await this.get(tx, access, id);
      await this.store.remove(tx, access.organizationId, id);
      const memberIds = members.map(({ value }) => value);
      await this.events.recordBy(tx, access, 'scim_group.deleted', id, {
        before: { displayName, externalId, memberIds },
      });
      await this.grants.apply(tx, access, memberIds);
    });
  }

  private change(
    access: OrganizationAccess,
    id: string,
    ifMatch: string | undefined,
    wanted: (row: ScimGroupRow) => Content,
  ): Promise<Resource> {
    return this.db.transaction(async (tx) => {
      await this.scimAccess.authorizeEdit(tx, access);
      const row = await this.get(tx, access, id);
      assertVersion(ifMatch, groupVersion(row));
      await this.save(tx, access, row, wanted(row));
      return this.resource(access, await this.get(tx, access, id));
    });
  }

  private async save(tx: Tx, access: OrganizationAccess, row: ScimGroupRow, content: Content): Promise<void> {
    const { organizationId } = access;
    const { id, displayName, externalId } = row;
    const before = new Set(row.members.map(({ value }) => value));
    const after = new Set(content.memberIds);
    const wanted = [...after].filter((one) => !before.has(one));
    const removed = [...before].filter((one) => !after.has(one));
    const renamed = displayName !== content.displayName;
    if (!renamed && externalId === content.externalId && wanted.length + removed.length === 0) return;
    await this.store.put(tx, organizationId, id, content);
    await this.store.removeMembers(tx, organizationId, id, removed);
    const { known: added, unknown } = await this.addMembers(tx, access, id, wanted);
    await this.events.recordBy(tx, access, 'scim_group.updated', id, {
      before: { displayName, externalId },
      after: {
        displayName: content.displayName,
        externalId: content.externalId,
        added,
        removed,
        ...(unknown.length > 0 && { unknownMembers: unknown }),
      },
    });
    // What a group grants depends on its name, so a new name concerns all members.
    await this.grants.apply(tx, access, renamed ? [...new Set([...before, ...after])] : [...added, ...removed]);
  }

  /**
   * Adds those of the users that belong to the organization. Directories push groups before all of their users, and one
   * unknown id must not keep the others out. Returns the first unknown ones for the event.
   */
  private async addMembers(
    tx: Tx,
    { organizationId }: OrganizationAccess,
    id: string,
    userIds: string[],
  ): Promise<{ known: string[]; unknown: string[] }> {
    const ids = userIds.filter(isId);
    const outside = new Set(ids.length > 0 ? await this.store.findNonMemberIds(tx, organizationId, ids) : []);
    const known = ids.filter((one) => !outside.has(one));
    if (known.length > 0) await this.store.addMembers(tx, organizationId, id, known);
    const unknown = userIds.filter((one) => !isId(one) || outside.has(one));
    return { known, unknown: unknown.slice(0, MAX_NAMED).map((one) => truncate(one, 100)) };
  }

  private async get(
    reader: Reader,
    { organizationId }: OrganizationAccess,
    id: string,
    withMembers = true,
  ): Promise<ScimGroupRow> {
    const row = isId(id) ? await this.store.find(reader, organizationId, id, withMembers) : null;
    if (!row) throw scimErrors.resource_not_found();
    return row;
  }

  private resource(access: OrganizationAccess, row: ScimGroupRow): Resource {
    return toGroupResource(row, scimBaseUrl(this.config, access));
  }
}
