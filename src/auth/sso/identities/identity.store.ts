import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../database/index.js';
import { newId } from '../../../common/ids/index.js';
import { SsoIdentity } from './identity.entity.js';

/** An identity with the name of its connection and organization. */
export type IdentityRow = SsoIdentity & {
  organizationName: string;
  connectionName: string;
  connectionType: 'oidc' | 'saml';
};

const SELECT = `select i.organization_id as "organizationId", i.connection_id as "connectionId", i.subject, i.id, i.user_id as "userId",
    i.linked_by as "linkedBy", i.created_at as "createdAt", i.last_used_at as "lastUsedAt", o.name as "organizationName",
    c.name as "connectionName", c.type as "connectionType"
  from sso_identities i join organizations o on o.id = i.organization_id
    join sso_connections c on c.organization_id = i.organization_id and c.id = i.connection_id`;

export type IdentityKey = Pick<SsoIdentity, 'organizationId' | 'connectionId' | 'subject'>;

@Injectable()
export class IdentityStore {
  find(reader: Reader, { organizationId, connectionId, subject }: IdentityKey): Promise<SsoIdentity | null> {
    return reader.findOneBy(SsoIdentity, { organizationId, connectionId, subject });
  }

  /** Returns null if the identity is already linked. The caller then reads to whom. */
  async insertIfAbsent(
    tx: Tx,
    { organizationId, connectionId, subject }: IdentityKey,
    userId: string,
    linkedBy: SsoIdentity['linkedBy'],
  ): Promise<string | null> {
    const rows = await tx.rows<{ id: string }>(
      `insert into sso_identities (organization_id, connection_id, subject, id, user_id, linked_by)
       values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id`,
      [organizationId, connectionId, subject, newId(), userId, linkedBy],
    );
    return rows[0]?.id ?? null;
  }

  /** Lists a user's identities, newest first, without those of deleted organizations. */
  listOfUser(reader: Reader, userId: string): Promise<IdentityRow[]> {
    return reader.rows<IdentityRow>(
      `${SELECT} where i.user_id = $1 and o.deleted_at is null order by i.created_at desc, i.id`,
      [userId],
    );
  }

  findOfUser(reader: Reader, userId: string, id: string): Promise<IdentityRow | null> {
    return reader.maybe<IdentityRow>(`${SELECT} where i.user_id = $1 and i.id = $2 and o.deleted_at is null`, [
      userId,
      id,
    ]);
  }

  /** Tells whether an account is linked to an identity of a connection. */
  async isLinked(reader: Reader, organizationId: string, connectionId: string, userId: string): Promise<boolean> {
    return reader.existsBy(SsoIdentity, { organizationId, connectionId, userId });
  }

  /** Marks an identity that was linked by an address as linked by its owner. */
  async claim(tx: Tx, { organizationId, connectionId, subject }: IdentityKey, userId: string): Promise<void> {
    await tx.execute(
      `update sso_identities set linked_by = 'person'
       where organization_id = $1 and connection_id = $2 and subject = $3 and user_id = $4`,
      [organizationId, connectionId, subject, userId],
    );
  }

  async remove(tx: Tx, { organizationId, connectionId, subject }: IdentityKey): Promise<void> {
    await tx.delete(SsoIdentity, { organizationId, connectionId, subject });
  }

  /** Removes the identities of a connection, all or those that were linked in one way. Returns how many. */
  removeOfConnection(
    tx: Tx,
    organizationId: string,
    connectionId: string,
    linkedBy: SsoIdentity['linkedBy'] | null = null,
  ): Promise<number> {
    return tx.execute(
      `delete from sso_identities
       where organization_id = $1 and connection_id = $2 and linked_by = coalesce($3, linked_by)`,
      [organizationId, connectionId, linkedBy],
    );
  }

  async touch(tx: Tx, { organizationId, connectionId, subject }: IdentityKey): Promise<void> {
    await tx.execute(
      'update sso_identities set last_used_at = now() where organization_id = $1 and connection_id = $2 and subject = $3',
      [organizationId, connectionId, subject],
    );
  }
}
