import { Injectable } from '@nestjs/common';
import { type Reader, refusingOn, type Tx } from '../../database/index.js';
import { isId } from '../../common/ids/index.js';
import { formsOfEmail } from '../../common/validation/index.js';
import type { Document } from '../protocol/document.js';
import type { Filter } from '../protocol/filter.js';
import { equalityIn, type Filterable, filterSql, orderSql, Parameters } from '../protocol/filter-sql.js';
import type { Sort } from '../protocol/list-query.js';
import { refused } from '../protocol/scim.errors.js';
import { keyOfUserName } from './user-name.js';

export interface ScimUserRow {
  id: string;
  email: string;
  name: string;
  /** Whether an identity provider has described the user. */
  known: boolean;
  userName: string;
  externalId: string | null;
  attributes: Document;
  active: boolean;
  createdAt: Date;
  updatedAt: Date;
  version: string;
  groups: { id: string; displayName: string }[];
}

/** The part of a row that the identity provider writes. */
export type ScimUserContent = Pick<ScimUserRow, 'userName' | 'externalId' | 'attributes'>;

const EMAILS = `coalesce(s.attributes->'emails', jsonb_build_array(jsonb_build_object('value', u.email, 'type', 'work', 'primary', true)))`;
const DISPLAY_NAME = `coalesce(s.attributes->>'displayName', u.name)`;
const CHANGED = 'greatest(s.updated_at, m.joined_at)';
const CREATED = 'coalesce(s.created_at, m.joined_at)';

const COLUMNS = `u.id, u.email, u.name, s.user_id is not null as known, coalesce(s.user_name, u.email) as "userName",
  s.external_id as "externalId", coalesce(s.attributes, '{}') as attributes, m.user_id is not null as active,
  ${CREATED} as "createdAt", ${CHANGED} as "updatedAt", concat(coalesce(s.version, 0), '.', coalesce(m.version, 0)) as version`;

const GROUPS = `coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'displayName', g.display_name) order by g.display_name, g.id)
    from scim_group_members gm join scim_groups g on g.organization_id = $1 and g.id = gm.group_id
    where gm.organization_id = $1 and gm.user_id = u.id), '[]') as groups`;

const attribute = (...path: string[]): string => {
  const [last, ...before] = path.toReversed();
  return `s.attributes${before
    .toReversed()
    .map((key) => `->'${key}'`)
    .join('')}->>'${last}'`;
};

const givenName = attribute('name', 'givenName');
const familyName = attribute('name', 'familyName');
/** The full name as `nameOf` builds it. Its parts stand in for those that the provider has not sent, as in `partsOf`. */
const FULL_NAME = `coalesce(nullif(${attribute('displayName')}, ''), nullif(${attribute('name', 'formatted')}, ''),
  nullif(concat_ws(' ', nullif(${givenName}, ''), nullif(${familyName}, '')), ''), u.name)`;

const FILTERABLE: Filterable = {
  columns: {
    id: { sql: 'u.id::text', type: 'text', caseExact: true },
    username: {
      sql: 'coalesce(s.user_name, u.email)',
      type: 'text',
      equality: { sql: 'coalesce(s.user_name_key, u.email)', formsOf: (value) => [keyOfUserName(value)] },
    },
    externalid: { sql: 's.external_id', type: 'text', caseExact: true },
    displayname: { sql: DISPLAY_NAME, type: 'text' },
    active: { sql: '(m.user_id is not null)', type: 'boolean' },
    'name.formatted': { sql: `coalesce(${attribute('name', 'formatted')}, ${FULL_NAME})`, type: 'text' },
    'name.familyname': { sql: `coalesce(${familyName}, regexp_replace(${FULL_NAME}, '^.* ', ''))`, type: 'text' },
    'name.givenname': { sql: `coalesce(${givenName}, regexp_replace(${FULL_NAME}, ' [^ ]*$', ''))`, type: 'text' },
    nickname: { sql: attribute('nickName'), type: 'text' },
    title: { sql: attribute('title'), type: 'text' },
    usertype: { sql: attribute('userType'), type: 'text' },
    'meta.created': { sql: CREATED, type: 'instant' },
    'meta.lastmodified': { sql: CHANGED, type: 'instant' },
  },
  lists: {
    emails: {
      rows: `jsonb_array_elements(${EMAILS}) e`,
      parts: {
        value: {
          sql: `e->>'value'`,
          type: 'text',
          equality: { sql: `lower(e->>'value')`, formsOf: formsOfEmail },
        },
        type: { sql: `e->>'type'`, type: 'text' },
        primary: { sql: `(e->>'primary')::boolean`, type: 'boolean' },
      },
    },
    groups: {
      rows: '(select g.group_id::text as id from scim_group_members g where g.organization_id = $1 and g.user_id = u.id) e',
      parts: { value: { sql: 'e.id', type: 'text', caseExact: true } },
    },
  },
};

/** Finds by index the only users for whom an equality can hold. */
const CANDIDATES: Record<string, (value: string, parameters: Parameters) => string> = {
  id: (value, parameters) => (isId(value) ? `select ${parameters.add(value)}::uuid` : 'select null::uuid'),
  externalid: (value, parameters) =>
    `select c.user_id from scim_users c where c.organization_id = $1 and c.external_id = ${parameters.add(value)}`,
  username: (value, parameters) => {
    const key = parameters.add(keyOfUserName(value));
    return `select c.id from users c where c.operator_id = $2 and c.email = ${key}
      union all select c.user_id from scim_users c where c.organization_id = $1 and c.user_name_key = ${key}`;
  },
};

/** Selects members and deactivated users. */
function fromSql(candidates: string | null): string {
  const among = candidates ? `and user_id in (${candidates})` : '';
  return `(select user_id from organization_members where organization_id = $1 ${among}
      union select user_id from scim_users where organization_id = $1 ${among}) p
    join users u on u.id = p.user_id and u.operator_id = $2
    left join scim_users s on s.organization_id = $1 and s.user_id = p.user_id
    left join organization_members m on m.organization_id = $1 and m.user_id = p.user_id`;
}

@Injectable()
export class ScimUserStore {
  find(reader: Reader, operatorId: string, organizationId: string, id: string): Promise<ScimUserRow | null> {
    const parameters = new Parameters(organizationId, operatorId);
    const from = fromSql(`select ${parameters.add(id)}::uuid`);
    return reader.maybe<ScimUserRow>(`select ${COLUMNS}, ${GROUPS} from ${from}`, parameters.values);
  }

  /** Returns at most `count` users from `startIndex` on (the first is 1), and the total. */
  async list(
    reader: Reader,
    operatorId: string,
    organizationId: string,
    query: { filter: Filter | null; sort: Sort | null; startIndex: number; count: number },
  ): Promise<{ total: number; rows: ScimUserRow[] }> {
    const parameters = new Parameters(organizationId, operatorId);
    const order = orderSql(query.sort, FILTERABLE, 'u.id');
    const where = query.filter ? `where ${filterSql(query.filter, FILTERABLE, parameters)}` : '';
    const equal = query.filter && equalityIn(query.filter, Object.keys(CANDIDATES));
    const from = fromSql(equal ? (CANDIDATES[equal.path]?.(equal.value, parameters) ?? null) : null);
    const counted = await reader.one<{ total: number }>(
      `select count(*)::int as total from ${from} ${where}`,
      parameters.values,
    );
    const total = counted.total;
    if (query.count === 0 || query.startIndex > total) return { total, rows: [] };
    const page = `limit ${parameters.add(query.count)} offset ${parameters.add(query.startIndex - 1)}`;
    const rows = await reader.rows<ScimUserRow>(
      `select ${COLUMNS}, ${GROUPS} from ${from} ${where} order by ${order} ${page}`,
      parameters.values,
    );
    return { total, rows };
  }

  /** Returns the id of the user with this userName. */
  async findByUserName(
    reader: Reader,
    operatorId: string,
    organizationId: string,
    userName: string,
  ): Promise<string | null> {
    const filter: Filter = { op: 'eq', path: 'userName', value: userName };
    const { rows } = await this.list(reader, operatorId, organizationId, {
      filter,
      sort: null,
      startIndex: 1,
      count: 1,
    });
    return rows[0]?.id ?? null;
  }

  async put(tx: Tx, organizationId: string, userId: string, content: ScimUserContent): Promise<void> {
    const { userName, externalId, attributes } = content;
    await refusingOn({ scim_users_user_name_key: () => refused.userName() }, () =>
      tx.execute(
        `insert into scim_users (organization_id, user_id, user_name, user_name_key, external_id, attributes, updated_at)
         values ($1, $2, $3, $4, $5, $6, now())
         on conflict (organization_id, user_id) do update set user_name = excluded.user_name, user_name_key = excluded.user_name_key,
           external_id = excluded.external_id, attributes = excluded.attributes, updated_at = now(), version = scim_users.version + 1`,
        [organizationId, userId, userName, keyOfUserName(userName), externalId, JSON.stringify(attributes)],
      ),
    );
  }

  /** Raises the version after a change that is not stored in the row. */
  async touch(tx: Tx, organizationId: string, userId: string): Promise<void> {
    await tx.execute(
      'update scim_users set updated_at = now(), version = version + 1 where organization_id = $1 and user_id = $2',
      [organizationId, userId],
    );
  }

  async remove(tx: Tx, organizationId: string, userId: string): Promise<void> {
    await tx.execute('delete from scim_group_members where organization_id = $1 and user_id = $2', [
      organizationId,
      userId,
    ]);
    await tx.execute('delete from scim_users where organization_id = $1 and user_id = $2', [organizationId, userId]);
  }
}
