import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { columnsOf, type Reader, refusingOn, type Tx } from '../database/index.js';
import { containing, type List, type Page, Pager, Where } from '../common/pagination/index.js';
import { searchedAddress } from '../common/validation/index.js';
import type { UserQuery, UserStatus } from './user.dto.js';
import { User } from './user.entity.js';
import { userErrors } from './user.errors.js';

/** Builds the status of the user `alias` as a column. */
export const userStatusSql = (alias: string): string =>
  `case when ${alias}.blocked_at is not null then 'blocked' when ${alias}.email_verified_at is null then 'invited' else 'active' end`;

/** Builds the status as a condition that PostgreSQL can estimate and serve by an index. */
export const userStatusIs = (alias: string, status: UserStatus): string =>
  ({
    blocked: `${alias}.blocked_at is not null`,
    invited: `${alias}.blocked_at is null and ${alias}.email_verified_at is null`,
    active: `${alias}.blocked_at is null and ${alias}.email_verified_at is not null`,
  })[status];

/** Memberships `m` that let their user add members to an organization. */
const MANAGED = `organization_members m join organizations o on o.id = m.organization_id
       where (m.role in ('manager', 'admin') or 'user_admin' = any (m.role_ids)) and o.deleted_at is null`;

/** Relations between user `u` and the organizations that another user manages. */
const RELATED = [
  `exists (select from ${MANAGED} and m.user_id = ?
     and exists (select from organization_members x where x.organization_id = m.organization_id and x.user_id = u.id))`,
  `exists (select from ${MANAGED} and m.user_id = ? and exists (select from verified_domains d
     where d.operator_id = u.operator_id and d.domain = split_part(u.email, '@', 2) and d.organization_id = m.organization_id))`,
];

@Injectable()
export class UserStore {
  constructor(private readonly pager: Pager) {}

  find(reader: Reader, operatorId: string, id: string): Promise<User | null> {
    return reader.findOneBy(User, { operatorId, id, erasedAt: IsNull() });
  }

  findByEmail(reader: Reader, operatorId: string, email: string): Promise<User | null> {
    return reader.findOneBy(User, { operatorId, email });
  }

  /** Does nothing if the address has an account. The caller then reads it. */
  async insertIfAbsent(tx: Tx, user: User): Promise<boolean> {
    const count = await tx.execute(
      `insert into users (id, operator_id, email, name, email_verified_at, platform_admin)
       values ($1, $2, $3, $4, $5, $6) on conflict (operator_id, email) do nothing returning id`,
      [user.id, user.operatorId, user.email, user.name, user.emailVerifiedAt, user.platformAdmin],
    );
    return count > 0;
  }

  lock(tx: Tx, id: string): Promise<User | null> {
    // FOR UPDATE would block inserts of rows that refer to the user, for example their next session.
    return tx.findOne(User, { where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  async lockPlatformAdmins(tx: Tx): Promise<void> {
    await tx.rows('select id from users where platform_admin order by id for no key update');
  }

  async update(
    tx: Tx,
    id: string,
    changes: Partial<Pick<User, 'name' | 'emailVerifiedAt' | 'language' | 'timeZone' | 'colorScheme'>>,
  ): Promise<void> {
    await tx.update(User, { id }, { ...changes, version: () => 'version + 1' });
  }

  async setBlocked(tx: Tx, id: string, blockedAt: Date | null): Promise<void> {
    await tx.update(User, { id }, { blockedAt, version: () => 'version + 1' });
  }

  /** Leaves a row without a name. Its address cannot receive mail and is free for another account. */
  async erase(tx: Tx, id: string): Promise<void> {
    await tx.execute(
      `update users set email = id || '@erased.invalid', name = 'Erased user', email_verified_at = null,
         language = null, time_zone = null, color_scheme = null, platform_admin = false, blocked_at = coalesce(blocked_at, now()), erased_at = now(), version = version + 1
       where id = $1`,
      [id],
    );
  }

  /** Removes a row of a table that belongs to a later module, because every way to prove an address ends here. */
  async removePassword(tx: Tx, id: string): Promise<void> {
    await tx.execute('delete from passwords where user_id = $1', [id]);
  }

  async setEmail(tx: Tx, id: string, email: string): Promise<void> {
    await refusingOn({ users_operator_id_email_key: () => userErrors.email_taken() }, () =>
      tx.execute('update users set email = $2, email_verified_at = now(), version = version + 1 where id = $1', [
        id,
        email,
      ]),
    );
  }

  /** `managerId` limits the list to users who are related to an organization that this user manages. */
  page(reader: Reader, operatorId: string, query: UserQuery, managerId?: string): Promise<Page<User>> {
    const list: List = {
      name: 'users',
      columns: columnsOf(reader, User, 'u'),
      from: 'users u',
      sorts: {
        name: { sql: 'u.name', type: 'name' },
        email: { sql: 'u.email', type: 'text' },
        createdAt: { sql: 'u.created_at', type: 'timestamptz' },
      },
      tieBreaker: { sql: 'u.id', type: 'uuid' },
    };
    const where = new Where()
      .add('u.operator_id = ?', operatorId)
      .add('u.erased_at is null')
      .when('u.email = ?', query.email)
      .when("(u.name || ' ' || u.email) ilike ?", query.q && containing(searchedAddress(query.q)))
      .when(`(${RELATED.join(' or ')})`, managerId);
    if (query.status) where.add(userStatusIs('u', query.status));
    return this.pager.page(reader, list, where, query);
  }

  /**
   * Tells whether the user is a manager of an active organization and so may look up other users to add them. Reads the
   * tables of organizations directly, because that module depends on this one.
   */
  async managesAnOrganization(reader: Reader, userId: string): Promise<boolean> {
    const rows = await reader.rows<unknown>(`select 1 from ${MANAGED} and m.user_id = $1 limit 1`, [userId]);
    return rows.length > 0;
  }
}
