import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, refusingOn, type Tx } from '../../../database/index.js';
import { containing, type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { ClientQuery } from './client.dto.js';
import { Client, type ClientRow } from './client.entity.js';
import { clientErrors } from './client.errors.js';

const columns = (reader: Reader): string =>
  `${columnsOf(reader, Client, 'c')}, case when c.previous_secret_expires_at > now() then c.previous_secret_expires_at end as "graceEndsAt"`;

@Injectable()
export class ClientStore {
  constructor(private readonly pager: Pager) {}

  async insert(
    tx: Tx,
    {
      id,
      operatorId,
      name,
      audience,
      secretHash,
    }: Pick<Client, 'id' | 'operatorId' | 'name' | 'audience' | 'secretHash'>,
  ): Promise<void> {
    await refusingOn({ clients_audience_key: () => clientErrors.audience_taken() }, () =>
      tx.execute(
        `insert into clients (id, operator_id, name, audience, secret_hash, secret_created_at, updated_at)
         values ($1, $2, $3, $4, $5, now(), now())`,
        [id, operatorId, name, audience, secretHash],
      ),
    );
  }

  async rename(tx: Tx, id: string, name: string): Promise<void> {
    await tx.execute('update clients set name = $2, updated_at = now(), version = version + 1 where id = $1', [
      id,
      name,
    ]);
  }

  /** Keeps only the current secret valid beside the new one, for `graceSeconds`. */
  async setSecret(tx: Tx, id: string, secretHash: string, graceSeconds: number): Promise<void> {
    await tx.execute(
      `update clients set secret_hash = $2, secret_created_at = now(),
         previous_secret_hash = case when $3 > 0 then secret_hash end,
         previous_secret_expires_at = case when $3 > 0 then now() + make_interval(secs => $3) end,
         updated_at = now(), version = version + 1 where id = $1`,
      [id, secretHash, graceSeconds],
    );
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.execute('delete from clients where id = $1', [id]);
  }

  find(reader: Reader, operatorId: string, id: string): Promise<ClientRow | null> {
    return reader.maybe<ClientRow>(`select ${columns(reader)} from clients c where c.operator_id = $1 and c.id = $2`, [
      operatorId,
      id,
    ]);
  }

  async lock(tx: Tx, operatorId: string, id: string): Promise<ClientRow | null> {
    await tx.execute('select 1 from clients where operator_id = $1 and id = $2 for update', [operatorId, id]);
    return this.find(tx, operatorId, id);
  }

  /** Finds a client by its current secret, or by the previous one during the grace period. */
  findBySecret(reader: Reader, operatorId: string, id: string, secretHash: string): Promise<ClientRow | null> {
    return reader.maybe<ClientRow>(
      `select ${columns(reader)} from clients c where c.operator_id = $1 and c.id = $2
         and (c.secret_hash = $3 or (c.previous_secret_hash = $3 and c.previous_secret_expires_at > now()))`,
      [operatorId, id, secretHash],
    );
  }

  hasAudience(reader: Reader, operatorId: string, audience: string): Promise<boolean> {
    return reader.existsBy(Client, { operatorId, audience });
  }

  count(tx: Tx, operatorId: string): Promise<number> {
    return tx.countBy(Client, { operatorId });
  }

  page(reader: Reader, operatorId: string, query: ClientQuery): Promise<Page<ClientRow>> {
    return this.pager.page<ClientRow>(
      reader,
      {
        name: 'clients',
        columns: columns(reader),
        from: 'clients c',
        sorts: {
          name: { sql: 'c.name', type: 'name' },
          audience: { sql: 'c.audience', type: 'text' },
          createdAt: { sql: 'c.created_at', type: 'timestamptz' },
        },
        tieBreaker: { sql: 'c.id', type: 'uuid' },
      },
      new Where()
        .add('c.operator_id = ?', operatorId)
        .when("(c.name || ' ' || c.audience) ilike ?", query.q && containing(query.q)),
      query,
    );
  }
}
