import { Injectable } from '@nestjs/common';
import type { OperatorRef, Role } from '../../common/access/index.js';
import type { Reader } from '../../common/database/index.js';

export interface FoundOrganization {
  id: string;
  slug: string;
  name: string;
  externalId: string | null;
  suspendedAt: Date | null;
  deletedAt: Date | null;
}

export interface FoundUnit {
  id: string;
  suspendedAt: Date | null;
  deletedAt: Date | null;
}

/** What the database says about one person at one place right now. */
export interface AccessFacts {
  platformAdmin: boolean;
  homeOperatorId: string;
  operator: OperatorRef | null;
  operatorRole: Role | null;
  organization: FoundOrganization | null;
  organizationRole: Role | null;
  unit: FoundUnit | null;
  unitRole: Role | null;
}

/** The place a path names; the operator by slug or by id. */
export interface Place {
  operatorSlug?: string | undefined;
  operatorId?: string | undefined;
  organizationId?: string | undefined;
  unitId?: string | undefined;
}

const OPERATOR = {
  columns: `json_build_object('id', op.id, 'slug', op.slug, 'name', op.name) as operator, op.id as "operatorFound", om.role as "operatorRole"`,
  joins: `left join operator_members om on om.operator_id = op.id and om.user_id = u.id`,
};
const ORGANIZATION = {
  columns: `o.id as "oId", o.slug as "oSlug", o.name as "oName", o.external_id as "oExternalId", o.suspended_at as "oSuspendedAt",
    o.deleted_at as "oDeletedAt", m.role as "organizationRole"`,
  join: (parameter: number) =>
    `left join organizations o on o.id = $${parameter} and o.operator_id = op.id
     left join organization_members m on m.organization_id = o.id and m.user_id = u.id`,
};
const UNIT = {
  columns: `un.id as "uId", un.suspended_at as "uSuspendedAt", un.deleted_at as "uDeletedAt", um.role as "unitRole"`,
  join: (parameter: number) =>
    `left join units un on un.organization_id = o.id and un.id = $${parameter}
     left join unit_members um on um.organization_id = un.organization_id and um.unit_id = un.id and um.user_id = u.id`,
};

interface Row {
  platformAdmin: boolean;
  homeOperatorId: string;
  operatorFound: string | null;
  operator: OperatorRef;
  operatorRole: Role | null;
  oId?: string | null;
  oSlug: string;
  oName: string;
  oExternalId: string | null;
  oSuspendedAt: Date | null;
  oDeletedAt: Date | null;
  organizationRole?: Role | null;
  uId?: string | null;
  uSuspendedAt: Date | null;
  uDeletedAt: Date | null;
  unitRole?: Role | null;
}

const toFacts = (row: Row): AccessFacts => ({
  platformAdmin: row.platformAdmin,
  homeOperatorId: row.homeOperatorId,
  operator: row.operatorFound ? row.operator : null,
  operatorRole: row.operatorRole,
  organization: row.oId
    ? { id: row.oId, slug: row.oSlug, name: row.oName, externalId: row.oExternalId, suspendedAt: row.oSuspendedAt, deletedAt: row.oDeletedAt }
    : null,
  organizationRole: row.organizationRole ?? null,
  unit: row.uId ? { id: row.uId, suspendedAt: row.uSuspendedAt, deletedAt: row.uDeletedAt } : null,
  unitRole: row.unitRole ?? null,
});

/**
 * One read over the tables of several rooms, because it stands before every request: session, person, operator,
 * organization and unit with the roles held at each, in a single query of index look-ups. It only ever reads.
 */
@Injectable()
export class AccessStore {
  /** Null when the session has ended or its person is blocked. */
  async ofSession(reader: Reader, sessionId: string, place: Place): Promise<AccessFacts | null> {
    const live = `s.id = $1 and s.ended_at is null and s.expires_at > now() and u.blocked_at is null`;
    return this.query(reader, 'sessions s join users u on u.id = s.user_id', live, sessionId, place);
  }

  /** The same for a person who is about to get a session. */
  async ofUser(reader: Reader, userId: string, operatorId: string, organizationId: string | null): Promise<AccessFacts | null> {
    return this.query(reader, 'users u', 'u.id = $1', userId, { operatorId, organizationId: organizationId ?? undefined });
  }

  private async query(reader: Reader, from: string, where: string, id: string, place: Place): Promise<AccessFacts | null> {
    const parameters: unknown[] = [id, place.operatorSlug ?? place.operatorId ?? null];
    const columns = ['u.platform_admin as "platformAdmin"', 'u.operator_id as "homeOperatorId"', OPERATOR.columns];
    const joins = [`left join operators op on op.${place.operatorSlug ? 'slug' : 'id'} = $2`, OPERATOR.joins];
    if (place.organizationId) {
      columns.push(ORGANIZATION.columns);
      joins.push(ORGANIZATION.join(parameters.push(place.organizationId)));
    }
    if (place.organizationId && place.unitId) {
      columns.push(UNIT.columns);
      joins.push(UNIT.join(parameters.push(place.unitId)));
    }
    const [row] = await reader.query<Row[]>(`select ${columns.join(', ')} from ${from} ${joins.join(' ')} where ${where}`, parameters);
    return row ? toFacts(row) : null;
  }
}
