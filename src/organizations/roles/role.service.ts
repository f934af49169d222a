import { Injectable } from '@nestjs/common';
import { LimitSettings } from '../../limits/index.js';
import {
  type Holder,
  mayGrantPermissions,
  mayGrantRole,
  type OrganizationAccess,
  type Permission,
} from '../../common/access/index.js';
import { changesOf, Database, type Tx } from '../../database/index.js';
import { assertMatches, etagOf, versionAndEtag } from '../../http/index.js';
import { newId, slugFrom } from '../../common/ids/index.js';
import type { Page } from '../../common/pagination/index.js';
import { EventService } from '../../events/index.js';
import { RoleResolver } from './role-resolver.js';
import { isBuiltIn, isFunctional, permissionsOfProductRole, PRODUCT_ROLES } from './role.definitions.js';
import type { CreateRole, PatchRole, RoleQuery, RoleView } from './role.dto.js';
import { roleErrors } from './role.errors.js';
import { type RoleRow, RoleStore } from './role.store.js';
import { isInUse, RoleUseStore } from './role-use.store.js';

/** Lists all roles of an organization and manages its custom roles. */
@Injectable()
export class RoleService {
  constructor(
    private readonly db: Database,
    private readonly store: RoleStore,
    private readonly roles: RoleResolver,
    private readonly uses: RoleUseStore,
    private readonly events: EventService,
    private readonly limits: LimitSettings,
  ) {}

  async list(access: OrganizationAccess, query: RoleQuery): Promise<Page<RoleView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, query);
    return { ...page, items: page.items.map((role) => toView(role, access)) };
  }

  async view(access: OrganizationAccess, id: string): Promise<RoleView> {
    const product = PRODUCT_ROLES.find(({ key }) => key === id);
    if (product) {
      const permissions = [...permissionsOfProductRole(id)];
      return toView({ ...product, id, permissions, updatedAt: null, version: 1 }, access);
    }
    const [role] = await this.store.find(this.db.reader, access.organizationId, [id]);
    if (!role) throw roleErrors.not_found();
    return toView(role, access);
  }

  create(access: OrganizationAccess, input: CreateRole): Promise<RoleView> {
    const { organizationId } = access;
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'roles:edit');
      assertHolds(holder, input.permissions);
      if ((await this.store.countCustom(tx, organizationId)) >= this.limits.count('custom_roles'))
        throw roleErrors.limit_reached();
      assertOwnName(input.name);
      const id = newId();
      const key = input.key ?? (await this.freeKey(tx, organizationId, input.name));
      const { name } = input;
      const permissions = [...input.permissions].sort();
      await this.store.insert(tx, {
        organizationId,
        id,
        key,
        name,
        description: input.description || null,
        permissions,
      });
      await this.events.recordBy(tx, access, 'role.created', id, { after: { key, name, permissions } });
      return toView(await this.get(tx, organizationId, id), access);
    });
  }

  /** Changes the role at once for everyone who holds it. */
  patch(access: OrganizationAccess, id: string, input: PatchRole, ifMatch: string | undefined): Promise<RoleView> {
    const { organizationId } = access;
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'roles:edit');
      const role = await this.getOwn(tx, organizationId, id);
      assertMatches(ifMatch, etagOf(role.version));
      const before = { name: role.name, description: role.description, permissions: role.permissions };
      const after = {
        name: input.name ?? role.name,
        description: input.description === undefined ? role.description : input.description || null,
        permissions:
          input.permissions && !sameSet(input.permissions, role.permissions)
            ? [...input.permissions].sort()
            : role.permissions,
      };
      if (input.permissions) assertHolds(holder, [...role.permissions, ...input.permissions]);
      if (input.name) assertOwnName(input.name);
      const changes = changesOf(before, after);
      if (!changes) return toView(role, access);
      await this.store.update(tx, { organizationId, id: role.id, ...after });
      await this.events.recordBy(tx, access, 'role.updated', role.id, changes);
      return toView(await this.get(tx, organizationId, role.id), access);
    });
  }

  /** Deletes the role. Where it is in use, a replacement takes its place. */
  delete(access: OrganizationAccess, id: string, replacementRoleId: string | undefined): Promise<void> {
    const { organizationId } = access;
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'roles:edit');
      const role = await this.getOwn(tx, organizationId, id);
      assertHolds(holder, role.permissions);
      const [replacement] = replacementRoleId ? await this.roles.idsOf(tx, organizationId, [replacementRoleId]) : [];
      const use = await this.uses.count(tx, role.id, organizationId);
      const inUse = isInUse(use);
      if (inUse && (!replacement || replacement === role.id)) throw roleErrors.in_use({ data: { ...use } });
      if (inUse && replacement) {
        await this.roles.assertMayGrant(tx, organizationId, holder, { role: 'user', roleIds: [replacement] });
        await this.uses.replace(tx, role.id, replacement, organizationId);
      }
      await this.store.remove(tx, organizationId, role.id);
      const { key, name, permissions } = role;
      await this.events.recordBy(tx, access, 'role.deleted', role.id, {
        before: { key, name, permissions },
        ...(inUse && { after: { replacementRoleId: replacement, ...use } }),
      });
    });
  }

  private async get(tx: Tx, organizationId: string, ref: string): Promise<RoleRow> {
    const [role] = await this.store.find(tx, organizationId, [ref]);
    if (!role) throw roleErrors.not_found();
    return role;
  }

  private async getOwn(tx: Tx, organizationId: string, ref: string): Promise<RoleRow> {
    if (isBuiltIn(ref) || isFunctional(ref)) throw roleErrors.read_only();
    const role = await this.get(tx, organizationId, ref);
    if (role.kind !== 'custom') throw roleErrors.read_only();
    return role;
  }

  /** Returns `org-recruiter`, or with the end of a new id if it is taken. */
  private async freeKey(tx: Tx, organizationId: string, name: string): Promise<string> {
    const key = `org-${slugFrom(name, 'role')}`;
    const taken = await this.store.find(tx, organizationId, [key]);
    return taken.length > 0 ? `${key.slice(0, 41)}-${newId().slice(-8)}` : key;
  }
}

const PRODUCT_NAMES = new Set(PRODUCT_ROLES.flatMap(({ key, name }) => [key, name.toLowerCase()]));

/** Rejects the names and keys of the roles that come with the product: a custom `Admin` would mislead. */
function assertOwnName(name: string): void {
  if (PRODUCT_NAMES.has(name.trim().toLowerCase())) throw roleErrors.name_taken();
}

const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((item) => other.includes(item));

function assertHolds(holder: Holder, permissions: readonly Permission[]): void {
  const missing = [...new Set(permissions)].filter((permission) => !mayGrantPermissions(holder, [permission]));
  if (missing.length > 0) throw roleErrors.permission_not_held({ data: { permissions: missing.sort() } });
}

function toView(role: RoleRow, { role: own, permissions }: OrganizationAccess): RoleView {
  const holder = { role: own, permissions };
  const { id, key, name, description, kind, version } = role;
  return {
    id,
    key,
    name,
    description,
    kind,
    permissions: [...role.permissions].sort(),
    grantable: isBuiltIn(key) ? mayGrantRole(holder, key) : mayGrantPermissions(holder, role.permissions),
    updatedAt: role.updatedAt?.toISOString() ?? null,
    ...versionAndEtag(version),
  };
}
