import { Injectable } from '@nestjs/common';
import type { ApiKeyKind, OperatorRef, Permission, Role } from '../../../common/access/index.js';
import type { Reader } from '../../../database/index.js';
import { liveApiKeySql } from '../../../operators/index.js';
import { type RoleAssignment, RoleResolver } from '../../../organizations/index.js';
import type { StoredAuthSettings } from '../../../settings/index.js';
import type { AccessFacts, FoundOrganization, FoundUnit, KeyFacts, ResourcePath } from '../access-facts.js';
import type { SessionFacts } from '../proof.js';
import type { KeyBearer } from '../tokens/bearer-authenticator.js';
import { SESSION_FACTS } from '../session-facts.js';

const OPERATOR = {
  found: `json_build_object('id', op.id, 'slug', op.slug, 'name', op.name, 'timeZone', op.time_zone) as operator, op.id as "operatorFound"`,
  held: 'om.role as "operatorRole"',
  membership: `left join operator_members om on om.operator_id = op.id and om.user_id = u.id`,
};
const ORGANIZATION = {
  found: `o.id as "oId", o.slug as "oSlug", o.name as "oName", o.external_id as "oExternalId", o.suspended_at as "oSuspendedAt",
    o.deleted_at as "oDeletedAt"`,
  held: 'm.role as "organizationRole", m.role_ids as "roleIds"',
  find: (parameter: number) => `left join organizations o on o.id = $${parameter} and o.operator_id = op.id`,
  membership: (parameter: number) =>
    `left join organization_members m on m.organization_id = $${parameter} and m.user_id = u.id`,
};
const UNIT = {
  found: `un.id as "uId", un.suspended_at as "uSuspendedAt", un.deleted_at as "uDeletedAt"`,
  held: 'um.role as "unitRole"',
  find: (organization: number, unit: number) =>
    `left join units un on un.organization_id = $${organization} and un.id = $${unit}`,
  membership: (organization: number, unit: number) =>
    `left join unit_members um on um.organization_id = $${organization} and um.unit_id = $${unit} and um.user_id = u.id`,
};

const RULES = {
  found: `u.email, os."values" as "operatorRules", os.locks as "operatorLocks"`,
  join: `left join operator_settings os on os.operator_id = u.operator_id and os.kind = 'auth'`,
  foundOfOrganization: `gs."values" as "organizationRules", gs.locks as "organizationLocks"`,
  joinOfOrganization: (parameter: number) =>
    `left join organization_settings gs on gs.organization_id = $${parameter} and gs.kind = 'auth'`,
};

/** Uses the database clock, which `expires_at` is compared with. */
const endsIn = (instant: string): string => `(extract(epoch from ${instant} - now()) * 1000)::float8 as "endsInMs"`;

interface Row extends Partial<SessionFacts> {
  email: string;
  operatorRules: StoredAuthSettings['values'] | null;
  operatorLocks: string[];
  organizationRules?: StoredAuthSettings['values'] | null;
  organizationLocks?: string[];
  endsInMs: number | null;
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
  roleIds?: string[] | null;
  uId?: string | null;
  uSuspendedAt: Date | null;
  uDeletedAt: Date | null;
  unitRole?: Role | null;
}

interface KeyRow extends Omit<
  Row,
  keyof SessionFacts | 'email' | 'operatorRules' | 'platformAdmin' | 'operatorRole' | 'organizationRole' | 'unitRole'
> {
  id: string;
  name: string;
  ownId: string | null;
  madeBy: string | null;
  kind: ApiKeyKind | 'operator';
  role: Role;
  permissions: Permission[];
  unitIds: string[] | null;
}

const organizationOf = (row: KeyRow | Row): FoundOrganization | null =>
  row.oId
    ? {
        id: row.oId,
        slug: row.oSlug,
        name: row.oName,
        externalId: row.oExternalId,
        suspendedAt: row.oSuspendedAt,
        deletedAt: row.oDeletedAt,
      }
    : null;

const unitOf = (row: KeyRow | Row): FoundUnit | null =>
  row.oId && row.uId ? { id: row.uId, suspendedAt: row.uSuspendedAt, deletedAt: row.uDeletedAt } : null;

const rulesOf = (
  values: StoredAuthSettings['values'] | null | undefined,
  locks: string[] = [],
): StoredAuthSettings | null => (values ? { values, locks } : null);

function sessionOf({
  method,
  factors,
  ssoOrganizationId = null,
  ownMethod = null,
  ageSeconds,
  signedInSecondsAgo,
  idleSeconds,
}: Row): SessionFacts | null {
  if (!method || !factors || ageSeconds === undefined || signedInSecondsAgo === undefined || idleSeconds === undefined)
    return null;
  return { method, factors, ssoOrganizationId, ownMethod, ageSeconds, signedInSecondsAgo, idleSeconds };
}

const toFacts = (row: Row, otherRoles: RoleAssignment[]): AccessFacts => ({
  platformAdmin: row.platformAdmin,
  homeOperatorId: row.homeOperatorId,
  operator: row.operatorFound ? row.operator : null,
  operatorRole: row.operatorRole,
  organization: organizationOf(row),
  organizationRole: (row.oId && row.organizationRole) || null,
  otherRoles,
  unit: unitOf(row),
  unitRole: (row.oId && row.uId && row.unitRole) || null,
  email: row.email,
  operatorRules: rulesOf(row.operatorRules, row.operatorLocks),
  organizationRules: row.oId ? rulesOf(row.organizationRules, row.organizationLocks) : null,
  session: sessionOf(row),
  endsInMs: row.endsInMs,
});

/**
 * Reads session, user, operator, organization, unit and the roles at each in a single query of index look-ups, because
 * it runs before every request. It therefore reads tables of several modules, but never writes. Rows of an organization
 * are selected by a parameter and not through a join, so that a distributed database asks one server.
 */
@Injectable()
export class AccessStore {
  constructor(private readonly roles: RoleResolver) {}

  /** Returns null if the session is not the user's or has ended, or if the user is blocked. */
  async ofSession(
    reader: Reader,
    { sessionId, userId }: { sessionId: string; userId: string },
    place: ResourcePath,
  ): Promise<AccessFacts | null> {
    const live = 's.ended_at is null and s.expires_at > now() and u.blocked_at is null';
    return this.query(
      reader,
      'users u join sessions s on s.user_id = u.id',
      `u.id = $1 and s.id = $3 and ${live}`,
      `${endsIn('s.expires_at')}, ${SESSION_FACTS}`,
      place,
      [userId, sessionId],
    );
  }

  /** Returns the same facts for a user who has no session yet. */
  async ofUser(
    reader: Reader,
    userId: string,
    operatorId: string,
    organizationId: string | null,
  ): Promise<AccessFacts | null> {
    const place = { operatorId, organizationId: organizationId ?? undefined };
    return this.query(reader, 'users u', 'u.id = $1', 'null as "endsInMs"', place, [userId]);
  }

  /** Returns null if the API key is unknown, revoked or expired, or its organization is deleted. */
  async ofKey(reader: Reader, { keyHash, owner }: KeyBearer, place: ResourcePath): Promise<KeyFacts | null> {
    const row = await (owner === 'operator'
      ? this.findOperatorKey(reader, keyHash, place)
      : this.findKey(reader, keyHash, place));
    if (!row) return null;
    const { id, name, kind, role, permissions, unitIds, ownId, madeBy, homeOperatorId } = row;
    return {
      key: { id, name, kind, role, permissions, unitIds },
      ownOrganizationId: ownId,
      madeBy,
      homeOperatorId,
      operator: row.operatorFound ? row.operator : null,
      organization: organizationOf(row),
      unit: unitOf(row),
      endsInMs: row.endsInMs,
    };
  }

  /**
   * Looks first in the organization of the path, on one server of a distributed database. Looks elsewhere only to
   * refuse the key.
   */
  private async findKey(reader: Reader, keyHash: string, place: ResourcePath): Promise<KeyRow | null> {
    const { organizationId, unitId } = place;
    const parameters: unknown[] = [keyHash, place.operatorSlug ?? place.operatorId ?? null];
    const columns = [
      'k.id, k.name, k.organization_id as "ownId", null as "madeBy", k.kind, k.role, k.permissions, k.unit_ids as "unitIds"',
      endsIn('k.expires_at'),
      'own.operator_id as "homeOperatorId"',
      OPERATOR.found,
    ];
    const joins = [
      'join organizations own on own.id = k.organization_id and own.deleted_at is null',
      `left join operators op on op.${place.operatorSlug ? 'slug' : 'id'} = $2`,
    ];
    if (organizationId) {
      const here = [...columns, ORGANIZATION.found, ...(unitId ? [UNIT.found] : [])];
      const joined = [...joins, ORGANIZATION.find(3), ...(unitId ? [UNIT.find(3, 4)] : [])];
      const row = await reader.maybe<KeyRow>(
        `select ${here.join(', ')} from organization_api_keys k ${joined.join(' ')}
         where k.key_hash = $1 and k.organization_id = $3 and ${liveApiKeySql('k')}`,
        [...parameters, organizationId, ...(unitId ? [unitId] : [])],
      );
      if (row) return row;
    }
    return reader.maybe<KeyRow>(
      `select ${columns.join(', ')} from organization_api_keys k ${joins.join(' ')}
       where k.key_hash = $1 and ${liveApiKeySql('k')}`,
      parameters,
    );
  }

  private findOperatorKey(reader: Reader, keyHash: string, place: ResourcePath): Promise<KeyRow | null> {
    const { organizationId, unitId } = place;
    const columns = [
      `k.id, k.name, null as "ownId", k.created_by as "madeBy", 'operator' as kind, k.role, k.permissions, null as "unitIds"`,
      endsIn('k.expires_at'),
      'k.operator_id as "homeOperatorId"',
      OPERATOR.found,
      ...(organizationId ? [ORGANIZATION.found] : []),
      ...(organizationId && unitId ? [UNIT.found] : []),
    ];
    const joins = [
      `left join operators op on op.${place.operatorSlug ? 'slug' : 'id'} = $2`,
      ...(organizationId ? [ORGANIZATION.find(3)] : []),
      ...(organizationId && unitId ? [UNIT.find(3, 4)] : []),
    ];
    return reader.maybe<KeyRow>(
      `select ${columns.join(', ')} from operator_api_keys k ${joins.join(' ')}
       where k.key_hash = $1 and ${liveApiKeySql('k')}`,
      [
        keyHash,
        place.operatorSlug ?? place.operatorId ?? null,
        ...(organizationId ? [organizationId] : []),
        ...(organizationId && unitId ? [unitId] : []),
      ],
    );
  }

  /** $1 is the user, $2 the operator. Parameters from $3 on belong to `where`. */
  private async query(
    reader: Reader,
    from: string,
    where: string,
    more: string,
    place: ResourcePath,
    [userId, ...others]: string[],
  ): Promise<AccessFacts | null> {
    const parameters: unknown[] = [userId, place.operatorSlug ?? place.operatorId ?? null, ...others];
    const columns = ['u.platform_admin as "platformAdmin"', 'u.operator_id as "homeOperatorId"', more];
    const joins = [
      `left join operators op on op.${place.operatorSlug ? 'slug' : 'id'} = $2`,
      OPERATOR.membership,
      RULES.join,
    ];
    columns.push(OPERATOR.found, OPERATOR.held, RULES.found);
    if (place.organizationId) {
      const organization = parameters.push(place.organizationId);
      columns.push(ORGANIZATION.found, ORGANIZATION.held, RULES.foundOfOrganization);
      joins.push(ORGANIZATION.find(organization), ORGANIZATION.membership(organization));
      joins.push(RULES.joinOfOrganization(organization));
      if (place.unitId) {
        const unit = parameters.push(place.unitId);
        columns.push(UNIT.found, UNIT.held);
        joins.push(UNIT.find(organization, unit), UNIT.membership(organization, unit));
      }
    }
    const row = await reader.maybe<Row>(
      `select ${columns.join(', ')} from ${from} ${joins.join(' ')} where ${where}`,
      parameters,
    );
    if (!row) return null;
    // Most users have none, which saves a second query.
    const roleIds = (row.oId && row.roleIds) || [];
    return toFacts(row, roleIds.length > 0 ? await this.roles.of(reader, row.oId as string, roleIds) : []);
  }
}
