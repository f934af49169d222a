import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../common/database/index.js';
import { newId } from '../../../common/ids/index.js';
import { SsoIdentity } from './identity.entity.js';

export type IdentityKey = Pick<SsoIdentity, 'organizationId' | 'connectionId' | 'subject'>;

@Injectable()
export class IdentityStore {
  find(reader: Reader, { organizationId, connectionId, subject }: IdentityKey): Promise<SsoIdentity | null> {
    return reader.findOneBy(SsoIdentity, { organizationId, connectionId, subject });
  }

  /** Null when the identity was linked before: the caller reads to whom. */
  async insertIfAbsent(
    tx: Tx,
    { organizationId, connectionId, subject }: IdentityKey,
    userId: string,
    linkedBy: SsoIdentity['linkedBy'],
  ): Promise<string | null> {
    const rows = await tx.query<{ id: string }[]>(
      `insert into sso_identities (organization_id, connection_id, subject, id, user_id, linked_by)
       values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id`,
      [organizationId, connectionId, subject, newId(), userId, linkedBy],
    );
    return rows[0]?.id ?? null;
  }

  async touch(tx: Tx, { organizationId, connectionId, subject }: IdentityKey): Promise<void> {
    await tx.query(
      'update sso_identities set last_used_at = now() where organization_id = $1 and connection_id = $2 and subject = $3',
      [organizationId, connectionId, subject],
    );
  }
}
