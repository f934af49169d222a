import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../database/index.js';
import { Password } from './password.entity.js';

@Injectable()
export class PasswordStore {
  async set(tx: Tx, userId: string, hash: string): Promise<void> {
    await tx.execute(
      `insert into passwords (user_id, hash, changed_at) values ($1, $2, now())
       on conflict (user_id) do update set hash = excluded.hash, changed_at = excluded.changed_at`,
      [userId, hash],
    );
  }

  async remove(tx: Tx, userId: string): Promise<void> {
    await tx.execute('delete from passwords where user_id = $1', [userId]);
  }

  async findHash(reader: Reader, userId: string): Promise<string | null> {
    return (await reader.findOneBy(Password, { userId }))?.hash ?? null;
  }
}
