import { Injectable } from '@nestjs/common';
import type { Role } from '../../common/access/index.js';
import type { Reader, Tx } from '../../database/index.js';
import { type List, type Page, Pager, type PageQuery, Where } from '../../common/pagination/index.js';
import { MemberStore, userStatusSql } from '../../users/index.js';
import { roleKeysSql } from '../roles/role.store.js';
import { lifecycleStatusSql } from '../lifecycle.status.js';

export interface MembershipRow {
  id: string;
  slug: string;
  name: string;
  externalId: string | null;
  status: 'active' | 'suspended';
  role: Role;
  /** Keys of the functional and custom roles. */
  roles: string[];
}

const MEMBERSHIP = `o.id, o.slug, o.name, o.external_id as "externalId", ${lifecycleStatusSql('o')} as status, m.role, ${roleKeysSql('m')} as roles`;
const FROM = 'organization_members m join organizations o on o.id = m.organization_id';

@Injectable()
export class OrganizationMemberStore extends MemberStore {
  constructor(private readonly memberships: Pager) {
    super(memberships, { name: 'organization_members', scope: ['organization_id'], roleIds: true });
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

  /** The organizations somebody belongs to; deleted ones have left the list. */
  pageOfUser(reader: Reader, userId: string, query: PageQuery & { sort?: string }): Promise<Page<MembershipRow>> {
    const list: List = {
      name: 'memberships',
      columns: MEMBERSHIP,
      from: FROM,
      sorts: {
        name: { sql: 'o.name', type: 'text' },
        joinedAt: { sql: 'm.joined_at', type: 'timestamptz' },
      },
      // Not the organization's own: the index of somebody's memberships ends with it.
      tieBreaker: { sql: 'm.organization_id', type: 'uuid' },
    };
    const where = new Where().add('m.user_id = ?', userId).add('o.deleted_at is null');
    return this.memberships.page(reader, list, where, query);
  }

  /** At most `limit` of them, by name. */
  firstOfUser(reader: Reader, userId: string, limit: number): Promise<MembershipRow[]> {
    return reader.rows<MembershipRow>(
      `select ${MEMBERSHIP} from ${FROM} where m.user_id = $1 and o.deleted_at is null order by o.name, o.id limit $2`,
      [userId, limit],
    );
  }

  /** Members who can sign in. */
  async countActive(reader: Reader, organizationId: string): Promise<number> {
    const row = await reader.one<{ total: string }>(
      `select count(*) as total from organization_members m join users u on u.id = m.user_id
       where m.organization_id = $1 and ${userStatusSql('u')} = 'active'`,
      [organizationId],
    );
    return Number(row.total);
  }

  /** The units of the organization somebody is in. */
  async unitIdsOf(reader: Reader, organizationId: string, userId: string): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      'select unit_id as id from unit_members where organization_id = $1 and user_id = $2 order by 1',
      [organizationId, userId],
    );
    return rows.map(({ id }) => id);
  }

  /** Addresses of the admins who can sign in. */
  async adminAddresses(reader: Reader, organizationId: string): Promise<string[]> {
    const rows = await reader.rows<{ email: string }>(
      `select u.email from organization_members m join users u on u.id = m.user_id
       where m.organization_id = $1 and m.role = 'admin' and ${userStatusSql('u')} = 'active' order by m.joined_at, u.id`,
      [organizationId],
    );
    return rows.map(({ email }) => email);
  }

  /** Those who look after its credits: admins and billing admins who can sign in, and what it is called. */
  billingAddressees(
    reader: Reader,
    organizationId: string,
  ): Promise<{ address: string; organizationName: string; operatorId: string }[]> {
    return reader.rows(
      `select u.email as address, o.name as "organizationName", o.operator_id as "operatorId"
       from organization_members m join users u on u.id = m.user_id join organizations o on o.id = m.organization_id
       where m.organization_id = $1 and (m.role = 'admin' or 'billing_admin' = any (m.role_ids))
         and ${userStatusSql('u')} = 'active' order by m.joined_at, u.id`,
      [organizationId],
    );
  }

  /** Where to write to somebody about an organization, a member or not; null when he cannot sign in. */
  addressee(
    reader: Reader,
    organizationId: string,
    userId: string,
  ): Promise<{ address: string; organizationName: string } | null> {
    return reader.maybe<{ address: string; organizationName: string }>(
      `select u.email as address, o.name as "organizationName" from organizations o join users u on u.operator_id = o.operator_id
       where o.id = $1 and u.id = $2 and ${userStatusSql('u')} = 'active'`,
      [organizationId, userId],
    );
  }
}
