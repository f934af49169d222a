import { Injectable } from '@nestjs/common';
import { assertMayGrant, type OrganizationAccess } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { Database, type Reader } from '../../database/index.js';
import { assertMatches, etagOf, versionAndEtag } from '../../http/index.js';
import { EventService } from '../../events/index.js';
import { RoleResolver, UnitReferenceService } from '../../organizations/index.js';
import type { MappedRole } from '../../auth/sso/index.js';
import { GroupGrantService } from './group-grant.service.js';
import { scimBaseUrl } from '../protocol/base-url.js';
import type { PutScimSettings, ScimSettingsView } from './scim-settings.dto.js';
import { ScimSettingsStore } from './scim-settings.store.js';

/** Lets admins of the organization decide what groups grant. The identity provider decides only who is in them. */
@Injectable()
export class ScimSettingsService {
  constructor(
    private readonly db: Database,
    private readonly store: ScimSettingsStore,
    private readonly grants: GroupGrantService,
    private readonly roles: RoleResolver,
    private readonly units: UnitReferenceService,
    private readonly events: EventService,
    private readonly config: Config,
  ) {}

  view(access: OrganizationAccess): Promise<ScimSettingsView> {
    return this.viewIn(this.db.reader, access);
  }

  /** Replaces the mapping and applies it to all members of the groups. Admins can only grant what they hold themselves. */
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
      const affected = [...(before?.groups ?? []), ...groups].map(({ value }) => value);
      await this.grants.applyToGroupsNamed(tx, access, affected);
      return this.viewIn(tx, access);
    });
  }

  private async viewIn(reader: Reader, access: OrganizationAccess): Promise<ScimSettingsView> {
    const stored = await this.store.find(reader, access.organizationId);
    return {
      baseUrl: scimBaseUrl(this.config, access),
      groups: stored?.groups ?? [],
      updatedAt: stored?.updatedAt.toISOString() ?? null,
      ...versionAndEtag(stored?.version ?? 0),
    };
  }
}
