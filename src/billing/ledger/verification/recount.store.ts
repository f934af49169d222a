import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader } from '../../../database/index.js';
import { CreditHold } from '../holds/hold.entity.js';
import { CreditAccount, CreditEntry, CreditLot, CreditRefund } from '../storage/ledger.entity.js';
import type { EntryLine, StoredBooks } from './recount.js';

/** Reads whole ledgers as stored. */
@Injectable()
export class RecountStore {
  /** Finds the next organizations with an account, by id. */
  async findOrganizationsAfter(reader: Reader, id: string, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select organization_id as id from credit_accounts where organization_id > $1 order by 1 limit $2`,
      [id, limit],
    );
    return rows.map((row) => row.id);
  }

  /** Finds organizations with entries in the last `hours`. */
  async findChangedSince(reader: Reader, hours: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select organization_id as id from credit_accounts where last_at > now() - make_interval(hours => $1)`,
      [hours],
    );
    return rows.map((row) => row.id);
  }

  entriesAfter(reader: Reader, organizationId: string, seq: string, limit: number): Promise<EntryLine[]> {
    return reader.rows<EntryLine>(
      `select ${columnsOf(reader, CreditEntry, 'e')} from credit_entries e
       where e.organization_id = $1 and e.seq > $2 order by e.seq limit $3`,
      [organizationId, seq, limit],
    );
  }

  async readStored(reader: Reader, organizationId: string): Promise<StoredBooks | null> {
    const of = (alias: string) => `where ${alias}.organization_id = $1`;
    const account = await reader.maybe<StoredBooks['account']>(
      `select ${columnsOf(reader, CreditAccount, 'a')} from credit_accounts a ${of('a')}`,
      [organizationId],
    );
    if (!account) return null;
    const lots = await reader.rows<StoredBooks['lots'][number]>(
      `select ${columnsOf(reader, CreditLot, 'l')} from credit_lots l ${of('l')}`,
      [organizationId],
    );
    const holds = await reader.rows<StoredBooks['holds'][number]>(
      `select ${columnsOf(reader, CreditHold, 'h')} from credit_holds h ${of('h')}`,
      [organizationId],
    );
    const refunds = await reader.rows<StoredBooks['refunds'][number]>(
      `select ${columnsOf(reader, CreditRefund, 'r')} from credit_refunds r ${of('r')}`,
      [organizationId],
    );
    const keys = await reader.rows<{ seq: string }>(
      `select k.seq from credit_keys k ${of('k')} and k.seq is not null order by k.seq`,
      [organizationId],
    );
    return { account, lots, holds, refunds, keys: keys.map(({ seq }) => seq) };
  }
}
