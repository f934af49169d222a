import { Injectable } from '@nestjs/common';
import type { Role } from '../../common/access/index.js';
import type { Reader, Tx } from '../../database/index.js';
import { inNameOrder, type List, type Page, Pager, Where } from '../../common/pagination/index.js';
import { MemberStore, userStatusSql } from '../../users/index.js';
import { roleKeysSql } from '../roles/role.store.js';
import { inLifecycleStatus, lifecycleStatusSql } from '../lifecycle.status.js';
import { addSearch } from '../lifecycle.store.js';
import type { MemberAdderView, MembershipQuery, MembershipRow, MemberUnitView } from './organization-member.dto.js';

const MEMBERSHIP = `o.id, o.slug, o.name, o.external_id as "externalId", ${lifecycleStatusSql('o')} as status, m.role, ${roleKeysSql('m')} as roles, m.muted_notices as "mutedNotices"`;
const FROM = 'organization_members m join organizations o on o.id = m.organization_id';

interface MemberDetailsRow {
  units: MemberUnitView[];
  provisioned: boolean;
  addedBy: MemberAdderView | null;
}

@Injectable()
export class OrganizationMemberStore extends MemberStore {
  constructor(private readonly memberships: Pager) {
    super(memberships, { name: 'organization_members', scope: ['organization_id'], ofOrganization: true });
  }

  async setRoles(
    tx: Tx,
    organizationId: string,
    userId: string,
    { role, roleIds }: { role: Role; roleIds: string[] },
  ): Promise<void> {
    await tx.execute(
      `update organization_members set role = $3, role_ids = $4, version = version + 1
       where organization_id = $1 and user_id = $2`,
      [organizationId, userId, role, roleIds],
    );
  }

  async setDirectoryDetails(
    tx: Tx,
    organizationId: string,
    userId: string,
    { email, name }: { email: string | null; name: string | null },
  ): Promise<void> {
    await tx.execute(
      `update organization_members set directory_email = $3, directory_name = $4, version = version + 1
       where organization_id = $1 and user_id = $2 and (directory_email, directory_name) is distinct from ($3, $4)`,
      [organizationId, userId, email, name],
    );
  }

  /** Lists the organizations of a user, without deleted ones. */
  pageOfUser(
    reader: Reader,
    userId: string,
    query: MembershipQuery,
    onlyOrganizationId?: string,
  ): Promise<Page<MembershipRow>> {
    const list: List = {
      name: 'memberships',
      columns: MEMBERSHIP,
      from: FROM,
      sorts: {
        name: { sql: 'o.name', type: 'name' },
        joinedAt: { sql: 'm.joined_at', type: 'timestamptz' },
      },
      // The index on a user's memberships ends with this column.
      tieBreaker: { sql: 'm.organization_id', type: 'uuid' },
    };
    const where = new Where()
      .add('m.user_id = ?', userId)
      .add('o.deleted_at is null')
      .when('m.organization_id = ?', onlyOrganizationId)
      .when('o.slug = ?', query.slug)
      .when('o.external_id = ?', query.externalId);
    addSearch(where, 'o', query.q);
    if (query.status) where.add(inLifecycleStatus('o', query.status));
    return this.memberships.page(reader, list, where, query);
  }

  membership(reader: Reader, userId: string, organizationId: string): Promise<MembershipRow | null> {
    return reader.maybe<MembershipRow>(
      `select ${MEMBERSHIP} from ${FROM} where m.user_id = $1 and m.organization_id = $2 and o.deleted_at is null`,
      [userId, organizationId],
    );
  }

  /** Returns at most `limit` of them, by name. */
  firstOfUser(reader: Reader, userId: string, limit: number): Promise<MembershipRow[]> {
    return reader.rows<MembershipRow>(
      `select ${MEMBERSHIP} from ${FROM} where m.user_id = $1 and o.deleted_at is null order by ${inNameOrder('o.name')}, o.id limit $2`,
      [userId, limit],
    );
  }

  /**
   * Returns at most `limit` organizations for a sign-in that names none, by name. Those that wait for a first entry count only
   * if there are no others.
   */
  signInChoices(reader: Reader, userId: string, limit: number): Promise<(MembershipRow & { awaitsEntry: boolean })[]> {
    return reader.rows<MembershipRow & { awaitsEntry: boolean }>(
      `select ${MEMBERSHIP}, m.awaits_entry as "awaitsEntry" from ${FROM}
       where m.user_id = $1 and o.deleted_at is null and (not m.awaits_entry or not exists
         (select 1 from organization_members e join organizations eo on eo.id = e.organization_id
          where e.user_id = $1 and not e.awaits_entry and eo.deleted_at is null))
       order by ${inNameOrder('o.name')}, o.id limit $2`,
      [userId, limit],
    );
  }

  async setAwaitsEntry(tx: Tx, organizationId: string, userId: string, awaitsEntry: boolean): Promise<void> {
    await tx.execute(
      `update organization_members set awaits_entry = $3
       where organization_id = $1 and user_id = $2 and awaits_entry is distinct from $3`,
      [organizationId, userId, awaitsEntry],
    );
  }

  /** Counts the members who can sign in. */
  async countActive(reader: Reader, organizationId: string): Promise<number> {
    const row = await reader.one<{ total: string }>(
      `select count(*) as total from organization_members m join users u on u.id = m.user_id
       where m.organization_id = $1 and ${userStatusSql('u')} = 'active'`,
      [organizationId],
    );
    return Number(row.total);
  }

  /**
   * Returns what only the view of one member shows. `sharedWith` restricts the units to those of another user. The event
   * of the last time that the member joined says who added them.
   */
  async details(
    reader: Reader,
    organizationId: string,
    userId: string,
    sharedWith: string | null | undefined,
  ): Promise<MemberDetailsRow> {
    const units = await reader.rows<MemberUnitView>(
      `select u.id, u.slug, u.name, um.role from unit_members um
       join units u on u.organization_id = um.organization_id and u.id = um.unit_id
       where um.organization_id = $1 and um.user_id = $2 and u.deleted_at is null
         and ($3::boolean or exists (select 1 from unit_members own
           where own.organization_id = $1 and own.unit_id = um.unit_id and own.user_id = $4))
       order by ${inNameOrder('u.name')}, u.id`,
      [organizationId, userId, sharedWith === undefined, sharedWith ?? null],
    );
    const { provisioned } = await reader.one<{ provisioned: boolean }>(
      `select exists (select 1 from scim_users where organization_id = $1 and user_id = $2) as provisioned`,
      [organizationId, userId],
    );
    const addedBy = await reader.maybe<MemberAdderView>(
      `select e.actor_type as type, coalesce(u.name, k.name, ok.name) as name from organization_events e
       left join users u on e.actor_type = 'user' and u.id = e.actor_id
       left join organization_api_keys k on e.actor_type = 'api_key' and k.organization_id = $1 and k.id = e.actor_id
       left join operator_api_keys ok on e.actor_type = 'api_key' and ok.id = e.actor_id
       where e.organization_id = $1 and e.subject_id = $2::text and e.subject_type = 'member'
         and e.type in ('member.added', 'member.reactivated')
       order by e.seq desc limit 1`,
      [organizationId, userId],
    );
    return { units, provisioned, addedBy };
  }

  /** Returns the units of a member. */
  async unitIdsOf(reader: Reader, organizationId: string, userId: string): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      'select unit_id as id from unit_members where organization_id = $1 and user_id = $2 order by 1',
      [organizationId, userId],
    );
    return rows.map(({ id }) => id);
  }
}
