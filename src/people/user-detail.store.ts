import { Injectable } from '@nestjs/common';
import type { Role } from '../common/access/index.js';
import type { Reader } from '../database/index.js';
import { inNameOrder } from '../common/pagination/index.js';
import { lifecycleStatusSql } from '../organizations/index.js';
import { type FactorKind, MAX_MEMBERSHIPS, type UserMembershipView } from './user-detail.dto.js';

export interface UserDetailRow {
  operatorRole: Role | null;
  lastSignInAt: Date | null;
  membershipCount: number;
  factors: { kind: FactorKind; count: number; lastUsedAt: string | null }[];
  memberships: UserMembershipView[];
}

/** Each select returns the kind, the number and the last use of what user $1 has. */
const FACTORS: readonly string[] = [
  `select 1 as place, 'password' as kind, count(*)::int as count, null::timestamptz as last_used_at from passwords where user_id = $1`,
  `select 2, 'passkey', count(*)::int, max(last_used_at) from passkeys where user_id = $1`,
  `select 3, 'totp', count(*)::int, null from totp_factors where user_id = $1 and confirmed_at is not null`,
  `select 4, 'recovery_codes', count(*)::int, null from recovery_codes where user_id = $1 and used_at is null`,
  `select 5, 'sso', count(*)::int, max(last_used_at) from sso_identities where user_id = $1`,
];

@Injectable()
export class UserDetailStore {
  /** Reads the tables of several modules in one query of index look-ups. */
  find(reader: Reader, operatorId: string, userId: string): Promise<UserDetailRow> {
    return reader.one<UserDetailRow>(
      `select (select om.role from operator_members om where om.operator_id = $2 and om.user_id = $1) as "operatorRole",
         (select max(s.created_at) from sessions s where s.user_id = $1) as "lastSignInAt",
         (select count(*)::int from organization_members m where m.user_id = $1) as "membershipCount",
         (select coalesce(json_agg(json_build_object('kind', f.kind, 'count', f.count, 'lastUsedAt', f.last_used_at)
             order by f.place) filter (where f.count > 0), '[]')
           from (${FACTORS.join(' union all ')}) f) as factors,
         (select coalesce(json_agg(json_build_object('id', o.id, 'slug', o.slug, 'name', o.name, 'status', o.status,
             'role', o.role, 'joinedAt', o.joined_at) order by ${inNameOrder('o.name')}, o.id), '[]')
           from (select o.id, o.slug, o.name, ${lifecycleStatusSql('o')} as status, m.role, m.joined_at
             from organization_members m join organizations o on o.id = m.organization_id
             where m.user_id = $1 order by ${inNameOrder('o.name')}, o.id limit ${MAX_MEMBERSHIPS}) o) as memberships`,
      [userId, operatorId],
    );
  }
}
