import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader } from '../../../database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import { CreditEntry } from '../storage/ledger.entity.js';
import { type Balance, type EntryQuery, type EntryRow, ZERO_BALANCE } from './entry.dto.js';

/** Restricts the entries that a caller may see. Empty for all. */
interface EntryScope {
  memberId?: string;
  apiKeyId?: string;
  unitIds?: readonly string[];
}

@Injectable()
export class EntryStore {
  constructor(private readonly pager: Pager) {}

  page(reader: Reader, organizationId: string, query: EntryQuery, scope: EntryScope): Promise<Page<EntryRow>> {
    const where = new Where()
      .add('e.organization_id = ?', organizationId)
      .when('e.created_at >= ?', query.from && new Date(query.from))
      .when('e.created_at < ?', query.to && new Date(query.to))
      .when('? in (e.type, e.kind)', query.kind)
      .when('e.unit_id = ?', query.unitId)
      .when('e.member_id = ?', query.memberId)
      .when('e.member_id = ?', scope.memberId)
      .when('e.api_key_id = ?', scope.apiKeyId)
      .when('e.unit_id = any (?::uuid[])', scope.unitIds);
    return this.pager.page<EntryRow>(
      reader,
      {
        name: 'credit-entries',
        columns: columnsOf(reader, CreditEntry, 'e'),
        from: 'credit_entries e',
        sorts: { createdAt: { sql: 'e.created_at', type: 'timestamptz' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 'e.seq', type: 'bigint' },
      },
      where,
      query,
    );
  }

  /** Returns the balance after the last entry up to `asOf`. */
  async balanceAt(reader: Reader, organizationId: string, asOf: Date): Promise<Balance> {
    const row = await reader.maybe<Record<keyof Balance, string>>(
      `select e.available_after as available, e.held_after as held, e.consumed_after as consumed from credit_entries e
       where e.organization_id = $1 and e.created_at <= $2 order by e.created_at desc, e.seq desc limit 1`,
      [organizationId, asOf],
    );
    if (!row) return ZERO_BALANCE;
    return { available: BigInt(row.available), held: BigInt(row.held), consumed: BigInt(row.consumed) };
  }

  /** Returns the number of the last entry before an instant. */
  async seqBefore(reader: Reader, organizationId: string, at: Date): Promise<string> {
    const row = await reader.maybe<{ seq: string }>(
      `select e.seq from credit_entries e where e.organization_id = $1 and e.created_at < $2
       order by e.created_at desc, e.seq desc limit 1`,
      [organizationId, at],
    );
    return row?.seq ?? '0';
  }

  /** Reads the first entries after `seq` up to `last`, in order. */
  entriesBetween(
    reader: Reader,
    organizationId: string,
    seq: string,
    last: string,
    limit: number,
  ): Promise<EntryRow[]> {
    return reader.rows<EntryRow>(
      `select ${columnsOf(reader, CreditEntry, 'e')} from credit_entries e
       where e.organization_id = $1 and e.seq > $2 and e.seq <= $3 order by e.seq limit $4`,
      [organizationId, seq, last, limit],
    );
  }
}
