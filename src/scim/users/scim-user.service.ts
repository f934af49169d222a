import { Injectable } from '@nestjs/common';
import { SessionService } from '../../auth/identity/index.js';
import type { OrganizationAccess } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { AppError } from '../../common/errors/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { isId } from '../../common/ids/index.js';
import { EventService } from '../../events/index.js';
import { AdmissionService } from '../../admission/index.js';
import { OrganizationMemberService } from '../../organizations/index.js';
import type { User } from '../../users/index.js';
import { keyOfUserName } from './user-name.js';
import { GroupGrantService } from '../settings/group-grant.service.js';
import { assertVersion } from '../protocol/version.js';
import { scimBaseUrl } from '../protocol/base-url.js';
import { ScimAccessService } from '../access/scim-access.service.js';
import { refused, scimErrors } from '../protocol/scim.errors.js';
import { USER_TYPE } from '../protocol/attributes.js';
import { documentOf } from '../protocol/document.js';
import { listQueryOf } from '../protocol/list-query.js';
import { deactivates, operationsOf, patched } from '../protocol/patch.js';
import { projected } from '../protocol/projection.js';
import type { RawQuery } from '../protocol/raw-query.js';
import { listResponse, type ListResponse, type Resource } from '../protocol/resource.js';
import { ScimAccountService } from './scim-account.service.js';
import { addressOf, contentOfUser, nameOf, toUserResource, versionOf, writtenOf } from './scim-user.resource.js';
import { type ScimUserContent, type ScimUserRow, ScimUserStore } from './scim-user.store.js';

type WantedUser = ReturnType<typeof contentOfUser>;

/** Manages the users of an organization for its identity provider: the members and the users it has deactivated. */
@Injectable()
export class ScimUserService {
  constructor(
    private readonly db: Database,
    private readonly store: ScimUserStore,
    private readonly scimAccess: ScimAccessService,
    private readonly accounts: ScimAccountService,
    private readonly memberships: AdmissionService,
    private readonly members: OrganizationMemberService,
    private readonly grants: GroupGrantService,
    private readonly sessions: SessionService,
    private readonly events: EventService,
    private readonly config: Config,
  ) {}

  async list(access: OrganizationAccess, raw: RawQuery): Promise<ListResponse> {
    const query = listQueryOf(USER_TYPE, raw);
    const { operator, organizationId } = access;
    const { total, rows } = await this.store.list(this.db.reader, operator.id, organizationId, query);
    const resources = rows.map((row) => projected(this.resource(access, row), query.projection));
    return listResponse(total, query.startIndex, resources);
  }

  async view(access: OrganizationAccess, id: string): Promise<Resource> {
    return this.resource(access, await this.get(this.db.reader, access, id));
  }

  /** Creates a user. Of several concurrent requests for the same user, one succeeds. */
  create(access: OrganizationAccess, body: unknown): Promise<Resource> {
    const content = contentOfUser(documentOf(USER_TYPE, body));
    const { userName, externalId, active } = content;
    const address = addressOf(content);
    if (!address)
      throw refused.value('An email address is required, as the primary value of emails or as the userName.');
    const { organizationId, operator, actor } = access;
    return this.db.transaction(async (tx) => {
      await this.scimAccess.authorizeEdit(tx, access);
      await this.assertUserNameFree(tx, access, userName);
      const known = await this.accounts.find(tx, access, address);
      if (known && (await this.find(tx, access, known.id))) throw refused.account();
      const role = await this.accounts.newcomerRole(tx, access, address);
      const user = await this.accounts.obtain(tx, access, address, nameOf(content));
      await this.store.put(tx, organizationId, user.id, content);
      if (active === false) await this.memberships.blockProvisioning(tx, organizationId, user.id, role);
      else {
        const given = { role, roleIds: [], unitIds: [] };
        await this.memberships.join(tx, actor, operator, organizationId, user, given, 'automation');
      }
      await this.describe(tx, access, user.id, content);
      await this.events.recordBy(tx, access, 'scim_user.created', user.id, {
        after: { userName, externalId, active: active !== false },
      });
      return this.resource(access, await this.get(tx, access, user.id));
    });
  }

  /** Replaces all attributes. Without `active`, membership does not change. */
  replace(access: OrganizationAccess, id: string, body: unknown, ifMatch: string | undefined): Promise<Resource> {
    const content = readAhead(body, () => contentOfUser(documentOf(USER_TYPE, body)));
    return this.change(access, id, body, ifMatch, content);
  }

  patch(access: OrganizationAccess, id: string, body: unknown, ifMatch: string | undefined): Promise<Resource> {
    const operations = readAhead(body, () => operationsOf(body));
    return this.change(access, id, body, ifMatch, (row) =>
      contentOfUser(patched(USER_TYPE, writtenOf(row), operations())),
    );
  }

  /** Removes the user from the organization for good. The account stays. */
  delete(access: OrganizationAccess, id: string): Promise<void> {
    const { organizationId } = access;
    return this.db.transaction(async (tx) => {
      await this.scimAccess.authorizeEdit(tx, access);
      const row = await this.get(tx, access, id);
      const user = await this.accounts.get(tx, access, id);
      await this.assertNotBreakGlass(tx, access, id);
      await this.memberships.remove(tx, access, id);
      await this.endSessions(tx, access, user);
      await this.store.remove(tx, organizationId, id);
      const { userName, externalId } = row;
      await this.events.recordBy(tx, access, 'scim_user.deleted', id, { before: { userName, externalId } });
    });
  }

  /** A request that ends a membership ends it, even if the rest of it is refused. The rest is then left out. */
  private async change(
    access: OrganizationAccess,
    id: string,
    body: unknown,
    ifMatch: string | undefined,
    wanted: (row: ScimUserRow) => WantedUser,
  ): Promise<Resource> {
    try {
      return await this.changeWhole(access, id, ifMatch, wanted);
    } catch (error) {
      if (!(error instanceof AppError) || !deactivates(body)) throw error;
      return this.changeWhole(access, id, ifMatch, (row) => ({ ...row, active: false }), error);
    }
  }

  /** `ignored` is why the rest of the request was left out. */
  private changeWhole(
    access: OrganizationAccess,
    id: string,
    ifMatch: string | undefined,
    wanted: (row: ScimUserRow) => WantedUser,
    ignored?: AppError,
  ): Promise<Resource> {
    return this.db.transaction(async (tx) => {
      await this.scimAccess.authorizeEdit(tx, access);
      const row = await this.get(tx, access, id);
      assertVersion(ifMatch, versionOf(row));
      const { active, ...content } = wanted(row);
      const user = await this.accounts.get(tx, access, id);
      const changed = await this.save(tx, access, row, user, content);
      const isSwitched = active !== null && active !== row.active;
      if (isSwitched) await this.setActive(tx, access, await this.accounts.get(tx, access, id), active);
      if (isSwitched && !changed && row.known) await this.store.touch(tx, access.organizationId, id);
      if (ignored) await this.recordIgnored(tx, access, row, ignored);
      return this.resource(access, await this.get(tx, access, id));
    });
  }

  /** Stores the attributes, and changes the account where it may be changed. Returns whether the row changed. */
  private async save(
    tx: Tx,
    access: OrganizationAccess,
    row: ScimUserRow,
    user: User,
    content: ScimUserContent,
  ): Promise<boolean> {
    const fields = changedFields(row, content);
    // Unchanged attributes are stored too when there is no row, because a row must outlive deactivation.
    if (fields.length === 0 && row.known) return false;
    if (keyOfUserName(content.userName) !== keyOfUserName(row.userName))
      await this.assertUserNameFree(tx, access, content.userName);
    const address = addressOf(content);
    const before = row.known ? addressOf(row) : row.email;
    if (address && address !== before) await this.accounts.proposeEmail(tx, access, user, address);
    await this.store.put(tx, access.organizationId, row.id, content);
    await this.describe(tx, access, row.id, content);
    if (fields.length === 0) return true;
    const { userName, externalId } = content;
    await this.events.recordBy(tx, access, 'scim_user.updated', row.id, {
      before: { userName: row.userName, externalId: row.externalId },
      after: { userName, externalId, changed: fields },
    });
    return true;
  }

  /** Tells admins that the directory asked for a change that was left out when the user was deactivated. */
  private async recordIgnored(
    tx: Tx,
    access: OrganizationAccess,
    { id, userName, externalId }: ScimUserRow,
    { code, detail }: AppError,
  ): Promise<void> {
    await this.events.recordBy(tx, access, 'scim_user.updated', id, {
      before: { userName, externalId, active: true },
      after: { userName, externalId, active: false, ignored: { code, detail } },
    });
  }

  /** Shows the directory's address and name in the member list of the organization. */
  private describe(
    tx: Tx,
    { organizationId }: OrganizationAccess,
    id: string,
    content: ScimUserContent,
  ): Promise<void> {
    const details = { email: addressOf(content), name: nameOf(content) };
    return this.members.setDirectoryDetails(tx, organizationId, id, details);
  }

  private async setActive(tx: Tx, access: OrganizationAccess, user: User, active: boolean): Promise<void> {
    if (active) {
      await this.memberships.reactivate(tx, access, user, await this.accounts.newcomerRole(tx, access, user.email));
      await this.grants.apply(tx, access, [user.id]);
      const row = await this.get(tx, access, user.id);
      if (row.known) await this.describe(tx, access, user.id, row);
      return;
    }
    await this.assertNotBreakGlass(tx, access, user.id);
    await this.memberships.deactivate(tx, access, user.id);
    await this.endSessions(tx, access, user);
  }

  /** Ends the user's sessions in the organization. Sessions of operator staff stay, but no longer reach it as a member. */
  private async endSessions(tx: Tx, access: OrganizationAccess, user: User): Promise<void> {
    if (await this.accounts.isStaff(tx, access, user)) return;
    const { actor, operator, organizationId } = access;
    await this.sessions.endOfMember(tx, actor, operator.id, { organizationId, userId: user.id }, 'deactivated');
  }

  private async assertNotBreakGlass(tx: Tx, access: OrganizationAccess, id: string): Promise<void> {
    const member = await this.members.find(tx, access.organizationId, id);
    if (member?.role === 'admin' && (await this.accounts.isBreakGlass(tx, access, id))) throw scimErrors.break_glass();
  }

  private async assertUserNameFree(tx: Tx, access: OrganizationAccess, userName: string): Promise<void> {
    const { operator, organizationId } = access;
    if (await this.store.findByUserName(tx, operator.id, organizationId, userName)) throw refused.userName();
  }

  private find(
    reader: Reader,
    { operator, organizationId }: OrganizationAccess,
    id: string,
  ): Promise<ScimUserRow | null> {
    return isId(id) ? this.store.find(reader, operator.id, organizationId, id) : Promise.resolve(null);
  }

  private async get(reader: Reader, access: OrganizationAccess, id: string): Promise<ScimUserRow> {
    const row = await this.find(reader, access, id);
    if (!row) throw scimErrors.resource_not_found();
    return row;
  }

  private resource(access: OrganizationAccess, row: ScimUserRow): Resource {
    return toUserResource(row, scimBaseUrl(this.config, access));
  }
}

/** Reads a body before anything else, so that a wrong one is refused first. One that deactivates a user may be wrong. */
function readAhead<T>(body: unknown, read: () => T): () => T {
  if (deactivates(body)) return read;
  const content = read();
  return () => content;
}

/** Returns names of attributes only, to keep personal data out of the audit log. */
function changedFields(row: ScimUserContent, content: ScimUserContent): string[] {
  const flat = ({ userName, externalId, attributes }: ScimUserContent) =>
    new Map(
      Object.entries({ ...attributes, userName, externalId }).map(([name, value]) => [name, JSON.stringify(value)]),
    );
  const [before, after] = [flat(row), flat(content)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .sort();
}
