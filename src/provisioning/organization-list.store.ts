import { Injectable } from '@nestjs/common';
import type { Reader } from '../database/index.js';
import type { OrganizationCountsView, OrganizationPlanView } from './organization-list.dto.js';

const byId = <T extends object>(rows: (T & { organizationId: string })[]): Map<string, T> =>
  new Map(rows.map(({ organizationId, ...rest }) => [organizationId, rest as unknown as T]));

/** Reads what a page of organizations includes, each kind in one query for all of them. */
@Injectable()
export class OrganizationListStore {
  async plans(reader: Reader, organizationIds: readonly string[]): Promise<Map<string, OrganizationPlanView>> {
    return byId(
      await reader.rows(
        `select o.id as "organizationId", p.id, p.name from organizations o join plans p on p.id = o.plan_id
         where o.id = any ($1::uuid[])`,
        [organizationIds],
      ),
    );
  }

  async counts(reader: Reader, organizationIds: readonly string[]): Promise<Map<string, OrganizationCountsView>> {
    return byId(
      await reader.rows(
        `select o.id as "organizationId",
           (select count(*)::int from organization_members m where m.organization_id = o.id) as members,
           (select count(*)::int from organization_invitations i
             where i.organization_id = o.id and i.state = 'pending' and i.expires_at > now()) as invitations,
           (select count(*)::int from units u where u.organization_id = o.id and u.deleted_at is null) as units
         from unnest($1::uuid[]) as o (id)`,
        [organizationIds],
      ),
    );
  }
}
