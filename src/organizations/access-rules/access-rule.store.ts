import { Injectable } from '@nestjs/common';
import type { Role } from '../../common/access/index.js';
import type { Reader, Tx } from '../../database/index.js';
import { type Page, Pager, type PageQuery, Where } from '../../common/pagination/index.js';

/** The owner of rules: an operator or an organization. */
export type RuleOwner = { kind: 'operator' | 'organization'; id: string };

export interface AccessRuleRow {
  id: string;
  name: string;
  condition: string;
  role: Role;
  roleIds: string[];
  unitIds: string[];
  enabled: boolean;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}

export type RuleContent = Pick<AccessRuleRow, 'name' | 'condition' | 'role' | 'roleIds' | 'unitIds' | 'enabled'>;

/** An organization with rules that a user may meet. */
export interface RuledOrganization {
  id: string;
  externalId: string | null;
  slug: string;
  name: string;
}

/** A user whom a rule may affect. */
export interface Candidate {
  userId: string;
  email: string;
  name: string;
  role: Role | null;
}

const TABLE = { operator: 'operator_access_rules', organization: 'organization_access_rules' } as const;
const OWNER = { operator: 'r.operator_id', organization: 'r.organization_id' } as const;

const columns = (kind: RuleOwner['kind']): string =>
  `r.id, r.name, r.condition, r.role, r.role_ids as "roleIds", ${kind === 'operator' ? "'{}'::uuid[]" : 'r.unit_ids'} as "unitIds",
   r.enabled, r.created_at as "createdAt", r.updated_at as "updatedAt", r.version`;

/** Limit of organizations checked in one sign-in. */
const MAX_ORGANIZATIONS = 50;

@Injectable()
export class AccessRuleStore {
  constructor(private readonly pager: Pager) {}

  page(reader: Reader, { kind, id }: RuleOwner, query: PageQuery & { sort?: string }): Promise<Page<AccessRuleRow>> {
    return this.pager.page(
      reader,
      {
        name: TABLE[kind],
        columns: columns(kind),
        from: `${TABLE[kind]} r`,
        sorts: { name: { sql: 'r.name', type: 'name' }, createdAt: { sql: 'r.created_at', type: 'timestamptz' } },
        tieBreaker: { sql: 'r.id', type: 'uuid' },
      },
      new Where().add(`${OWNER[kind]} = ?`, id),
      query,
    );
  }

  find(reader: Reader, owner: RuleOwner, id: string): Promise<AccessRuleRow | null> {
    return reader.maybe<AccessRuleRow>(
      `select ${columns(owner.kind)} from ${TABLE[owner.kind]} r where ${OWNER[owner.kind]} = $1 and r.id = $2`,
      [owner.id, id],
    );
  }

  async count(tx: Tx, { kind, id }: RuleOwner): Promise<number> {
    const row = await tx.one<{ total: number }>(
      `select count(*)::int as total from ${TABLE[kind]} r where ${OWNER[kind]} = $1`,
      [id],
    );
    return row.total;
  }

  async insert(tx: Tx, owner: RuleOwner, id: string, rule: RuleContent): Promise<void> {
    const { name, condition, role, roleIds, enabled, unitIds } = rule;
    const values = [owner.id, id, name, condition, role, roleIds, enabled];
    if (owner.kind === 'operator') {
      await tx.execute(
        `insert into operator_access_rules (operator_id, id, name, condition, role, role_ids, enabled, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, now())`,
        values,
      );
      return;
    }
    await tx.execute(
      `insert into organization_access_rules
         (organization_id, id, name, condition, role, role_ids, enabled, unit_ids, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now())`,
      [...values, unitIds],
    );
  }

  async update(tx: Tx, owner: RuleOwner, id: string, rule: RuleContent): Promise<void> {
    const { name, condition, role, roleIds, enabled, unitIds } = rule;
    const values = [owner.id, id, name, condition, role, roleIds, enabled];
    const beside = owner.kind === 'operator' ? '' : ', unit_ids = $8';
    await tx.execute(
      `update ${TABLE[owner.kind]} r set name = $3, condition = $4, role = $5, role_ids = $6, enabled = $7${beside},
         updated_at = now(), version = version + 1 where ${OWNER[owner.kind]} = $1 and r.id = $2`,
      owner.kind === 'operator' ? values : [...values, unitIds],
    );
  }

  async remove(tx: Tx, { kind, id: ownerId }: RuleOwner, id: string): Promise<void> {
    await tx.execute(`delete from ${TABLE[kind]} r where ${OWNER[kind]} = $1 and r.id = $2`, [ownerId, id]);
  }

  /** Returns the rules that apply in an organization: its own and those of its operator. */
  enabledIn(reader: Reader, organizationId: string): Promise<(AccessRuleRow & { owner: RuleOwner['kind'] })[]> {
    return reader.rows<AccessRuleRow & { owner: RuleOwner['kind'] }>(
      `select ${columns('operator')}, 'operator' as owner from operator_access_rules r
         join organizations o on o.operator_id = r.operator_id
       where o.id = $1 and r.enabled
       union all
       select ${columns('organization')}, 'organization' as owner from organization_access_rules r
       where r.organization_id = $1 and r.enabled`,
      [organizationId],
    );
  }

  /**
   * Returns organizations with rules that may match at sign-in: the named one, those of the user, and the one that proved the
   * domain of the address.
   */
  candidates(
    reader: Reader,
    person: { operatorId: string; userId: string; emailDomain: string },
    organizationId: string | undefined,
  ): Promise<RuledOrganization[]> {
    return reader.rows<RuledOrganization>(
      `select o.id, o.external_id as "externalId", o.slug, o.name from organizations o
       where o.operator_id = $1 and o.deleted_at is null and o.suspended_at is null and o.id in (
         select $4::uuid
         union select m.organization_id from organization_members m where m.user_id = $2
         union select v.organization_id from verified_domains v where v.operator_id = $1 and v.domain = $3)
       and (exists (select 1 from operator_access_rules r where r.operator_id = $1 and r.enabled)
         or exists (select 1 from organization_access_rules r where r.organization_id = o.id and r.enabled))
       order by (o.id = $4) desc nulls last, o.id limit ${MAX_ORGANIZATIONS}`,
      [person.operatorId, person.userId, person.emailDomain, organizationId ?? null],
    );
  }

  async isMember(reader: Reader, organizationId: string, userId: string): Promise<boolean> {
    const row = await reader.maybe(
      'select 1 as found from organization_members where organization_id = $1 and user_id = $2',
      [organizationId, userId],
    );
    return row !== null;
  }

  /** Returns those of `emails` that are addresses of members. */
  async memberAddresses(reader: Reader, organizationId: string, emails: string[]): Promise<string[]> {
    if (emails.length === 0) return [];
    const rows = await reader.rows<{ email: string }>(
      `select u.email from organization_members m join users u on u.id = m.user_id
       where m.organization_id = $1 and u.email = any ($2::text[])`,
      [organizationId, emails],
    );
    return rows.map(({ email }) => email);
  }

  /**
   * Returns users with a verified address by id: the members of an organization, for staff also those in its proved domains,
   * or all users of the operator.
   */
  people(
    reader: Reader,
    scope: { operatorId: string; organizationId: string | null; staff: boolean },
    afterId: string,
    limit: number,
  ): Promise<Candidate[]> {
    const wide = scope.staff || scope.organizationId === null;
    const inProvedDomain = scope.staff
      ? `or split_part(u.email, '@', 2) in
           (select v.domain from verified_domains v where v.operator_id = $1 and v.organization_id = $2)`
      : '';
    return reader.rows<Candidate>(
      `select u.id as "userId", u.email, u.name, m.role from users u
       ${wide ? 'left ' : ''}join organization_members m on m.organization_id = $2 and m.user_id = u.id
       where u.operator_id = $1 and ($2::uuid is null or m.user_id is not null ${inProvedDomain}) and u.id > $3 and u.email_verified_at is not null and u.blocked_at is null
       order by u.id limit $4`,
      [scope.operatorId, scope.organizationId, afterId, limit],
    );
  }
}
