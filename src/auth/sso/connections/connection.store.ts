import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { containing, type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { SsoTrialView } from './connection-test.dto.js';
import type { ConnectionQuery } from './connection.dto.js';
import { type OidcSettings, type SamlSettings, SsoConnection } from './connection.entity.js';

export type ConnectionRow = Omit<SsoConnection, 'secret' | 'lastTest'> & { hasSecret: boolean };

/** A connection with what a sign-in through it needs. */
export type UsableConnection = ConnectionRow & {
  organization: { id: string; name: string; externalId: string | null };
  suspended: boolean;
  secret: string | null;
};

/** Returns the name of the identity provider. Another name is another provider, whose names for users mean other people. */
export const issuerOf = ({ type, settings }: Pick<SsoConnection, 'type' | 'settings'>): string =>
  type === 'oidc' ? (settings as OidcSettings).issuer : (settings as SamlSettings).entityId;

export type ConnectionContent = Pick<
  SsoConnection,
  'name' | 'enabled' | 'position' | 'requireVerifiedEmail' | 'settings' | 'mapping'
>;

const columns = (reader: Reader): string =>
  `${columnsOf(reader, SsoConnection, 'c')}, c.secret is not null as "hasSecret"`;

const SORTS = {
  position: { sql: 'c.position', type: 'bigint' as const },
  name: { sql: 'c.name', type: 'name' as const },
  createdAt: { sql: 'c.created_at', type: 'timestamptz' as const },
};

@Injectable()
export class ConnectionStore {
  constructor(private readonly pager: Pager) {}

  async insert(
    tx: Tx,
    connection: ConnectionContent & Pick<SsoConnection, 'organizationId' | 'id' | 'type' | 'secret' | 'createdBy'>,
  ): Promise<void> {
    const { organizationId, id, type, name, enabled, position, requireVerifiedEmail } = connection;
    await tx.execute(
      `insert into sso_connections (organization_id, id, type, name, enabled, position, require_verified_email, settings,
         mapping, secret, created_by, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())`,
      [
        organizationId,
        id,
        type,
        name,
        enabled,
        position,
        requireVerifiedEmail,
        JSON.stringify(connection.settings),
        JSON.stringify(connection.mapping),
        connection.secret,
        connection.createdBy,
      ],
    );
  }

  /** An undefined `secret` stays unchanged. */
  async update(
    tx: Tx,
    organizationId: string,
    id: string,
    content: ConnectionContent,
    secret: string | null | undefined,
  ): Promise<void> {
    const { name, enabled, position, requireVerifiedEmail, settings, mapping } = content;
    await tx.execute(
      `update sso_connections set name = $3, enabled = $4, position = $5, require_verified_email = $6, settings = $7,
         mapping = $8, secret = case when $9 then $10 else secret end, updated_at = now(), version = version + 1
       where organization_id = $1 and id = $2`,
      [
        organizationId,
        id,
        name,
        enabled,
        position,
        requireVerifiedEmail,
        JSON.stringify(settings),
        JSON.stringify(mapping),
        secret !== undefined,
        secret ?? null,
      ],
    );
  }

  async remove(tx: Tx, organizationId: string, id: string): Promise<void> {
    await tx.delete(SsoConnection, { organizationId, id });
  }

  find(reader: Reader, organizationId: string, id: string): Promise<ConnectionRow | null> {
    return reader.maybe<ConnectionRow>(
      `select ${columns(reader)} from sso_connections c where c.organization_id = $1 and c.id = $2`,
      [organizationId, id],
    );
  }

  /** Finds a connection by its id alone, as sign-ins do. Connections of deleted organizations are not found. */
  findUsable(reader: Reader, operatorId: string, id: string): Promise<UsableConnection | null> {
    return reader.maybe<UsableConnection>(
      `select ${columns(reader)}, c.secret, o.suspended_at is not null as suspended,
         json_build_object('id', o.id, 'name', o.name, 'externalId', o.external_id) as organization
       from sso_connections c join organizations o on o.id = c.organization_id
       where c.id = $2 and o.operator_id = $1 and o.deleted_at is null`,
      [operatorId, id],
    );
  }

  /** Lists the connections that users can choose from, in order. */
  listEnabled(reader: Reader, organizationId: string): Promise<ConnectionRow[]> {
    return reader.rows<ConnectionRow>(
      `select ${columns(reader)} from sso_connections c where c.organization_id = $1 and c.enabled order by c.position, c.id`,
      [organizationId],
    );
  }

  async count(reader: Reader, organizationId: string): Promise<{ total: number; last: number }> {
    const row = await reader.maybe<{ total: number; last: number }>(
      'select count(*)::int as total, coalesce(max(position), 0)::int as last from sso_connections where organization_id = $1',
      [organizationId],
    );
    return row ?? { total: 0, last: 0 };
  }

  /** Sets the result of a test. The version changes, because the result is part of the connection's view. */
  async setLastTest(tx: Tx, organizationId: string, id: string, result: object): Promise<void> {
    await tx.execute(
      'update sso_connections set last_test = $3, version = version + 1 where organization_id = $1 and id = $2',
      [organizationId, id, JSON.stringify(result)],
    );
  }

  async findLastTest(reader: Reader, organizationId: string, id: string): Promise<SsoTrialView | null> {
    const row = await reader.maybe<{ lastTest: SsoTrialView | null }>(
      'select last_test as "lastTest" from sso_connections where organization_id = $1 and id = $2',
      [organizationId, id],
    );
    return row?.lastTest ?? null;
  }

  page(reader: Reader, organizationId: string, query: ConnectionQuery): Promise<Page<ConnectionRow>> {
    const where = new Where()
      .add('c.organization_id = ?', organizationId)
      .when('c.name ilike ?', query.q && containing(query.q))
      .when('c.type = ?', query.type);
    return this.pager.page<ConnectionRow>(
      reader,
      {
        name: 'sso_connections',
        columns: columns(reader),
        from: 'sso_connections c',
        sorts: SORTS,
        tieBreaker: { sql: 'c.id', type: 'uuid' },
      },
      where,
      query,
    );
  }
}
