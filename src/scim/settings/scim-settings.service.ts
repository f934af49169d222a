import { Injectable } from '@nestjs/common';
import { assertMayGrant, type OrganizationAccess } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { Database, type Reader } from '../../common/database/index.js';
import { assertMatches, etagOf } from '../../http/index.js';
import { Events } from '../../events/index.js';
import { HeldRoles, UnitReferences } from '../../organizations/index.js';
import type { MappedRole } from '../../auth/index.js';
import { ScimGroupStore } from '../groups/scim-group.store.js';
import { GroupGrants } from '../groups/group-grants.js';
import { scimBase } from '../scim-base.js';
import type { PutScimSettings, ScimSettingsView } from './scim-settings.dto.js';
import { ScimSettingsStore } from './scim-settings.store.js';

/** What groups give: said by admins here, and not by who is in them. */
@Injectable()
export class ScimSettingsService {
  constructor(
    private readonly db: Database,
    private readonly store: ScimSettingsStore,
    private readonly groups: ScimGroupStore,
    private readonly grants: GroupGrants,
    private readonly roles: HeldRoles,
    private readonly units: UnitReferences,
    private readonly events: Events,
    private readonly config: Config,
  ) {}

  view(access: OrganizationAccess): Promise<ScimSettingsView> {
    return this.viewIn(this.db.reader, access);
  }

  /**
   * Counts at once for everybody in these groups. Only admins, and nobody gives what he does not hold. Throws
   * members.role_above_own, members.last_admin, roles.not_found, roles.not_assignable, roles.permission_not_held,
   * units.not_found, precondition_failed, organizations.pending_deletion, conflict.
   */
  replace(access: OrganizationAccess, input: PutScimSettings, ifMatch: string | undefined): Promise<ScimSettingsView> {
    const { organizationId, actor } = access;
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'sso:edit');
      assertMayGrant(holder.role, 'admin');
      const before = await this.store.find(tx, organizationId);
      assertMatches(ifMatch, etagOf(before?.version ?? 0));
      const groups: MappedRole[] = [];
      for (const { value, role = 'user', roleIds = [], unitIds = [] } of input.groups) {
        await this.units.assertKnown(tx, organizationId, unitIds);
        groups.push({ value, role, unitIds, roleIds: await this.roles.idsOf(tx, organizationId, roleIds) });
      }
      await this.roles.assertMayGrant(tx, organizationId, holder, ...groups);
      if (JSON.stringify(before?.groups ?? []) === JSON.stringify(groups)) return this.viewIn(tx, access);
      await this.store.put(tx, { organizationId, groups });
      await this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        {
          type: 'scim_settings.updated',
          actor,
          subject: { type: 'organization', id: organizationId },
          before: { groups: before?.groups ?? [] },
          after: { groups },
        },
      );
      const concerned = [...(before?.groups ?? []), ...groups].map(({ value }) => value);
      await this.grants.apply(tx, access, await this.groups.membersNamed(tx, organizationId, concerned));
      return this.viewIn(tx, access);
    });
  }

  private async viewIn(reader: Reader, access: OrganizationAccess): Promise<ScimSettingsView> {
    const stored = await this.store.find(reader, access.organizationId);
    return {
      baseUrl: scimBase(this.config, access),
      groups: stored?.groups ?? [],
      updatedAt: stored?.updatedAt.toISOString() ?? null,
      version: stored?.version ?? 0,
    };
  }
}
