import { memberErrors, type Role } from '../../common/access/index.js';
import { type Reader, refusingOn, type Tx } from '../../database/index.js';
import { containing, type List, type Page, type Pager, Where } from '../../common/pagination/index.js';
import { userStatusIs, userStatusSql } from '../user.store.js';
import type { MemberQuery, MemberRow } from './member.dto.js';

/** A table of members: `(…scope, user_id)` is its key, `role`, `joined_at` and `version` its columns. */
export interface MemberTable {
  name: 'operator_members' | 'organization_members' | 'unit_members';
  /** Key columns before `user_id`, in order. */
  scope: readonly string[];
  /** Functional and custom roles are held beside the cumulative one, in `role_ids`. */
  roleIds?: true;
}

const columnsOf = ({ roleIds }: MemberTable): string =>
  `m.user_id as "userId", u.email, u.name, m.role, ${roleIds ? 'm.role_ids' : "'{}'::text[]"} as "roleIds",
   ${userStatusSql('u')} as status, m.joined_at as "joinedAt", m.version`;

/** All SQL of one table of members. Each level has its own subclass; `scope` holds the values of the key columns. */
export abstract class MemberStore {
  private readonly keys: string;
  private readonly columns: string;

  protected constructor(
    private readonly pager: Pager,
    private readonly table: MemberTable,
  ) {
    this.columns = columnsOf(table);
    this.keys = table.scope.map((column, index) => `m.${column} = $${index + 1}`).join(' and ');
  }

  /** Throws members.already_member. */
  async insert(tx: Tx, scope: string[], userId: string, role: Role): Promise<void> {
    const columns = [...this.table.scope, 'user_id', 'role'];
    await refusingOn({ [`${this.table.name}_pkey`]: () => memberErrors.already_member() }, () =>
      tx.execute(
        `insert into ${this.table.name} (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
        [...scope, userId, role],
      ),
    );
  }

  find(reader: Reader, scope: string[], userId: string): Promise<MemberRow | null> {
    return reader.maybe<MemberRow>(
      `select ${this.columns} from ${this.table.name} m join users u on u.id = m.user_id where ${this.keys} and m.user_id = $${scope.length + 1}`,
      [...scope, userId],
    );
  }

  async setRole(tx: Tx, scope: string[], userId: string, role: Role): Promise<void> {
    const next = scope.length + 1;
    await tx.execute(
      `update ${this.table.name} m set role = $${next + 1}, version = version + 1 where ${this.keys} and m.user_id = $${next}`,
      [...scope, userId, role],
    );
  }

  async remove(tx: Tx, scope: string[], userId: string): Promise<void> {
    await tx.execute(`delete from ${this.table.name} m where ${this.keys} and m.user_id = $${scope.length + 1}`, [
      ...scope,
      userId,
    ]);
  }

  /** Whether somebody other than `userId` is admin and can sign in. True or false only under the lock of the level. */
  async hasOtherActiveAdmin(tx: Tx, scope: string[], userId: string): Promise<boolean> {
    const rows = await tx.rows<unknown>(
      `select 1 from ${this.table.name} m join users u on u.id = m.user_id
       where ${this.keys} and m.user_id <> $${scope.length + 1} and m.role = 'admin' and ${userStatusSql('u')} = 'active' limit 1`,
      [...scope, userId],
    );
    return rows.length > 0;
  }

  /**
   * Names and addresses are the users': sorted by them, the operator's users are walked in that order, or the members
   * sorted (decision 0012). A search finds its few users by an index and sorts those.
   */
  page(reader: Reader, operatorId: string, scope: string[], query: MemberQuery): Promise<Page<MemberRow>> {
    const { name } = this.table;
    const inScope = () => {
      const where = new Where();
      this.table.scope.forEach((column, index) => where.add(`m.${column} = ?`, scope[index]));
      return where.when('m.role = ?', query.role);
    };
    const from = (users: string) => `${name} m join ${users} on u.id = m.user_id`;
    const rows = { from: `${name} m`, where: inScope() };
    const aboutUsers = query.q !== undefined || query.status !== undefined;
    const list: List = {
      name,
      columns: this.columns,
      from: from('users u'),
      counted: aboutUsers ? undefined : rows,
      sorts: {
        // First, and so the default: the one that an index of the members serves.
        joinedAt: { sql: 'm.joined_at', type: 'timestamptz' },
        name: { sql: 'u.name', type: 'text', walkedBy: 'u.id' },
        email: { sql: 'u.email', type: 'text', walkedBy: 'u.id' },
      },
      tieBreaker: { sql: 'm.user_id', type: 'uuid' },
      ...(query.q === undefined && {
        walk: { table: 'users', alias: 'u', condition: 'u.operator_id = ?', value: operatorId, rows, from },
      }),
    };
    const where = inScope().when("(u.name || ' ' || u.email) ilike ?", query.q && containing(query.q));
    if (query.status) where.add(userStatusIs('u', query.status));
    return this.pager.page<MemberRow>(reader, list, where, query);
  }
}
