import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, refusingOn, type Tx } from '../../../database/index.js';
import { authErrors } from '../../access/index.js';
import { Passkey } from './passkey.entity.js';

@Injectable()
export class PasskeyStore {
  list(reader: Reader, userId: string): Promise<Passkey[]> {
    return reader.rows<Passkey>(
      `select ${columnsOf(reader, Passkey, 'p')} from passkeys p where p.user_id = $1 order by p.created_at, p.id`,
      [userId],
    );
  }

  find(reader: Reader, userId: string, id: string): Promise<Passkey | null> {
    return reader.findOneBy(Passkey, { id, userId });
  }

  /** Finds a passkey by credential id within the operator. */
  findCredential(reader: Reader, operatorId: string, credentialId: string): Promise<Passkey | null> {
    return reader.maybe<Passkey>(
      `select ${columnsOf(reader, Passkey, 'p')} from passkeys p join users u on u.id = p.user_id
       where p.credential_id = $1 and u.operator_id = $2`,
      [credentialId, operatorId],
    );
  }

  async insert(
    tx: Tx,
    passkey: Pick<Passkey, 'id' | 'userId' | 'name' | 'credentialId' | 'transports' | 'synced'> & {
      publicKey: Uint8Array;
      counter: number;
    },
  ): Promise<void> {
    const { id, userId, name, credentialId, publicKey, counter, transports, synced } = passkey;
    await refusingOn({ passkeys_credential_id_key: () => authErrors.passkey_known() }, () =>
      tx.execute(
        `insert into passkeys (id, user_id, name, credential_id, public_key, counter, transports, synced)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [id, userId, name, credentialId, Buffer.from(publicKey), counter, transports, synced],
      ),
    );
  }

  /** Records a use. Returns false if the stored counter is already as high, which suggests a copied authenticator. */
  async use(tx: Tx, id: string, counter: number): Promise<boolean> {
    const changed = await tx.execute(
      'update passkeys set counter = $2, last_used_at = now() where id = $1 and (counter < $2 or (counter = 0 and $2 = 0))',
      [id, counter],
    );
    return changed > 0;
  }

  async rename(tx: Tx, id: string, name: string): Promise<void> {
    await tx.execute('update passkeys set name = $2 where id = $1', [id, name]);
  }

  async remove(tx: Tx, userId: string, id: string): Promise<boolean> {
    const removed = await tx.execute('delete from passkeys where user_id = $1 and id = $2', [userId, id]);
    return removed > 0;
  }

  removeAll(tx: Tx, userId: string): Promise<number> {
    return tx.execute('delete from passkeys where user_id = $1', [userId]);
  }
}
