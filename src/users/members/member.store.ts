import { memberErrors, type Role } from '../../common/access/index.js';
import { type Reader, refusingOn, type Tx } from '../../database/index.js';
import { containing, type List, type Page, type Pager, Where } from '../../common/pagination/index.js';
import { searchedAddress } from '../../common/validation/index.js';
import { userStatusIs, userStatusSql } from '../user.store.js';
import type { MemberQuery, MemberRow } from './member.dto.js';

/** A table of members with the key `(…scope, user_id)` and the columns `role`, `joined_at` and `version`. */
export interface MemberTable {
  name: 'operator_members' | 'organization_members' | 'unit_members';
  /** Key columns before `user_id`, in order. */
  scope: readonly string[];
  /** Whether the table has functional and custom roles in `role_ids`, and the details of a directory. */
  ofOrganization?: true;
}

const OF_ORGANIZATION = `m.role_ids as "roleIds", nullif(m.directory_email, u.email) as "directoryEmail",
   nullif(m.directory_name, u.name) as "directoryName"`;

const columnsOf = ({ ofOrganization }: MemberTable): string =>
  `m.user_id as "userId", u.email, u.name, m.role, ${ofOrganization ? OF_ORGANIZATION : `'{}'::text[] as "roleIds"`},
   ${userStatusSql('u')} as status, m.joined_at as "joinedAt", m.version`;

/** Contains the SQL of one table of members. Each level has a subclass. `scope` holds the values of the key columns. */
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

  /** Tells whether another active admin exists. The answer is only reliable under the level's lock. */
  async hasOtherActiveAdmin(tx: Tx, scope: string[], userId: string): Promise<boolean> {
    const rows = await tx.rows<unknown>(
      `select 1 from ${this.table.name} m join users u on u.id = m.user_id
       where ${this.keys} and m.user_id <> $${scope.length + 1} and m.role = 'admin' and ${userStatusSql('u')} = 'active' limit 1`,
      [...scope, userId],
    );
    return rows.length > 0;
  }

  /**
   * Returns a page of members. Names and addresses are columns of users: to sort by them, the query reads the operator's
   * users in that order or sorts the members (decision 0012). A search finds its few users by an index and sorts them.
   */
  page(
    reader: Reader,
    operatorId: string,
    scope: string[],
    query: MemberQuery & { roleId?: string },
  ): Promise<Page<MemberRow>> {
    const { name } = this.table;
    const inScope = () => {
      const where = new Where();
      this.table.scope.forEach((column, index) => where.add(`m.${column} = ?`, scope[index]));
      return where.when('m.role = ?', query.role).when('? = any(m.role_ids)', query.roleId);
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
        // The first column is the default. An index of the members serves it.
        joinedAt: { sql: 'm.joined_at', type: 'timestamptz' },
        name: { sql: 'u.name', type: 'name', walkedBy: 'u.id' },
        email: { sql: 'u.email', type: 'text', walkedBy: 'u.id' },
      },
      tieBreaker: { sql: 'm.user_id', type: 'uuid' },
      ...(query.q === undefined && {
        walk: { table: 'users', alias: 'u', condition: 'u.operator_id = ?', value: operatorId, rows, from },
      }),
    };
    const where = inScope().when("(u.name || ' ' || u.email) ilike ?", query.q && containing(searchedAddress(query.q)));
    if (query.status) where.add(userStatusIs('u', query.status));
    return this.pager.page<MemberRow>(reader, list, where, query);
  }
}
