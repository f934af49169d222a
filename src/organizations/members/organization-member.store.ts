import { Injectable } from '@nestjs/common';
import type { Role } from '../../common/access/index.js';
import type { Reader } from '../../common/database/index.js';
import { type List, type Page, Pager, type PageQuery, Where } from '../../common/pagination/index.js';
import { MemberStore, userStatusSql } from '../../users/index.js';
import { lifecycleStatusSql } from '../lifecycle.status.js';

export interface MembershipRow {
  id: string;
  slug: string;
  name: string;
  externalId: string | null;
  status: 'active' | 'suspended';
  role: Role;
}

const MEMBERSHIP = `o.id, o.slug, o.name, o.external_id as "externalId", ${lifecycleStatusSql('o')} as status, m.role`;
const FROM = 'organization_members m join organizations o on o.id = m.organization_id';

@Injectable()
export class OrganizationMemberStore extends MemberStore {
  constructor(private readonly memberships: Pager) {
    super(memberships, { name: 'organization_members', scope: ['organization_id'] });
  }

  /** The organizations somebody belongs to; deleted ones have left the list. */
  pageOfUser(reader: Reader, userId: string, query: PageQuery & { sort?: string }): Promise<Page<MembershipRow>> {
    const list: List = {
      name: 'memberships',
      columns: MEMBERSHIP,
      from: FROM,
      sorts: { name: { sql: 'o.name', type: 'text' }, joinedAt: { sql: 'm.joined_at', type: 'timestamptz' } },
      tieBreaker: { sql: 'o.id', type: 'uuid' },
    };
    return this.memberships.page(
      reader,
      list,
      new Where().add('m.user_id = ?', userId).add('o.deleted_at is null'),
      query,
    );
  }

  /** At most `limit` of them, by name. */
  firstOfUser(reader: Reader, userId: string, limit: number): Promise<MembershipRow[]> {
    return reader.query<MembershipRow[]>(
      `select ${MEMBERSHIP} from ${FROM} where m.user_id = $1 and o.deleted_at is null order by o.name, o.id limit $2`,
      [userId, limit],
    );
  }

  /** Members who can sign in. */
  async countActive(reader: Reader, organizationId: string): Promise<number> {
    const [row] = await reader.query<{ total: string }[]>(
      `select count(*) as total from organization_members m join users u on u.id = m.user_id
       where m.organization_id = $1 and ${userStatusSql('u')} = 'active'`,
      [organizationId],
    );
    return Number(row?.total ?? 0);
  }

  /** The units of the organization somebody is in. */
  async unitIdsOf(reader: Reader, organizationId: string, userId: string): Promise<string[]> {
    const rows = await reader.query<{ id: string }[]>(
      'select unit_id as id from unit_members where organization_id = $1 and user_id = $2 order by 1',
      [organizationId, userId],
    );
    return rows.map(({ id }) => id);
  }
}
