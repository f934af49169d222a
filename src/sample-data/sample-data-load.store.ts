import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../database/index.js';
import { SampleDataLoad } from './sample-data-load.entity.js';

/** Longer than one organization takes to load. */
const LEASE_SECONDS = 30;

@Injectable()
export class SampleDataLoadStore {
  find(reader: Reader, operatorId: string): Promise<SampleDataLoad | null> {
    return reader.maybe<SampleDataLoad>(
      `select ${columnsOf(reader, SampleDataLoad, 'l')} from sample_data_loads l where l.operator_id = $1`,
      [operatorId],
    );
  }

  /** Begins, or begins again if an earlier load is finished. */
  async begin(tx: Tx, load: { operatorId: string; passwordHash: string; total: number }): Promise<void> {
    await tx.execute(
      `insert into sample_data_loads as l (operator_id, password_hash, total) values ($1, $2, $3)
       on conflict (operator_id) do update set password_hash = excluded.password_hash, total = excluded.total,
         loaded_ids = '{}', finished_at = null, created_at = now() where l.finished_at is not null`,
      [load.operatorId, load.passwordHash, load.total],
    );
  }

  async clearFailure(tx: Tx, operatorId: string): Promise<void> {
    await tx.execute('update sample_data_loads set failure = null where operator_id = $1', [operatorId]);
  }

  /** Takes a load that no server works on. Null if there is none. */
  async claim(tx: Tx, loaderId: string): Promise<string | null> {
    const row = await tx.maybe<{ operatorId: string }>(
      `update sample_data_loads set loader_id = $1, leased_until = now() + make_interval(secs => $2)
       where operator_id = (
         select operator_id from sample_data_loads
         where finished_at is null and failure is null and (leased_until is null or leased_until <= now())
         order by created_at limit 1 for update skip locked)
       returning operator_id as "operatorId"`,
      [loaderId, LEASE_SECONDS],
    );
    return row?.operatorId ?? null;
  }

  /** Stores a created organization, in the transaction that creates it. False if another server took over. */
  async created(tx: Tx, load: { operatorId: string; loaderId: string; done: number }, id: string): Promise<boolean> {
    const count = await tx.execute(
      `update sample_data_loads set current_id = $4, leased_until = now() + make_interval(secs => $5)
       where operator_id = $1 and loader_id = $2 and cardinality(loaded_ids) = $3 and current_id is null`,
      [load.operatorId, load.loaderId, load.done, id, LEASE_SECONDS],
    );
    return count > 0;
  }

  /** Counts the current organization as complete. False if another server took over. */
  async completed(tx: Tx, load: { operatorId: string; loaderId: string; done: number }): Promise<boolean> {
    const count = await tx.execute(
      `update sample_data_loads set loaded_ids = array_append(loaded_ids, current_id), current_id = null,
         leased_until = now() + make_interval(secs => $4)
       where operator_id = $1 and loader_id = $2 and cardinality(loaded_ids) = $3 and current_id is not null`,
      [load.operatorId, load.loaderId, load.done, LEASE_SECONDS],
    );
    return count > 0;
  }

  async finish(tx: Tx, operatorId: string, loaderId: string): Promise<void> {
    await tx.execute(
      `update sample_data_loads set finished_at = now(), leased_until = null, loader_id = null
       where operator_id = $1 and loader_id = $2`,
      [operatorId, loaderId],
    );
  }

  /** Gives the turn back, with the reason when loading cannot go on. */
  async release(tx: Tx, operatorId: string, loaderId: string, failure: string | null): Promise<void> {
    await tx.execute(
      `update sample_data_loads set failure = $3, leased_until = null, loader_id = null
       where operator_id = $1 and loader_id = $2`,
      [operatorId, loaderId, failure],
    );
  }
}
