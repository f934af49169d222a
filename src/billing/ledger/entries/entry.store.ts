import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader } from '../../../common/database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import { CreditEntry } from '../storage/ledger.entity.js';
import { type Balance, type EntryQuery, type EntryRow, ZERO_BALANCE } from './entry.dto.js';

/** What of the ledger somebody may see; all of it without any. */
interface EntryScope {
  memberId?: string;
  apiKeyId?: string;
  unitIds?: readonly string[];
}

@Injectable()
export class EntryStore {
  constructor(private readonly pager: Pager) {}

  /** Newest first. Throws invalid_cursor. */
  page(reader: Reader, organizationId: string, query: EntryQuery, seen: EntryScope): Promise<Page<EntryRow>> {
    const where = new Where()
      .add('e.organization_id = ?', organizationId)
      .when('e.created_at >= ?', query.from && new Date(query.from))
      .when('e.created_at < ?', query.to && new Date(query.to))
      .when('? in (e.type, e.kind)', query.kind)
      .when('e.unit_id = ?', query.unitId)
      .when('e.member_id = ?', query.memberId)
      .when('e.member_id = ?', seen.memberId)
      .when('e.api_key_id = ?', seen.apiKeyId)
      .when('e.unit_id = any (?::uuid[])', seen.unitIds);
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

  /** Right after the last entry up to `asOf`. */
  async balanceAt(reader: Reader, organizationId: string, asOf: Date): Promise<Balance> {
    const row = await reader.maybe<Record<keyof Balance, string>>(
      `select e.available_after as available, e.held_after as held, e.consumed_after as consumed from credit_entries e
       where e.organization_id = $1 and e.created_at <= $2 order by e.created_at desc, e.seq desc limit 1`,
      [organizationId, asOf],
    );
    if (!row) return ZERO_BALANCE;
    return { available: BigInt(row.available), held: BigInt(row.held), consumed: BigInt(row.consumed) };
  }

  /** The number of the last entry before an instant. */
  async seqBefore(reader: Reader, organizationId: string, at: Date): Promise<string> {
    const row = await reader.maybe<{ seq: string }>(
      `select e.seq from credit_entries e where e.organization_id = $1 and e.created_at < $2
       order by e.created_at desc, e.seq desc limit 1`,
      [organizationId, at],
    );
    return row?.seq ?? '0';
  }

  /** Entries in their order, before an instant. */
  entriesAfter(reader: Reader, organizationId: string, seq: string, to: Date, limit: number): Promise<EntryRow[]> {
    return reader.rows<EntryRow>(
      `select ${columnsOf(reader, CreditEntry, 'e')} from credit_entries e
       where e.organization_id = $1 and e.seq > $2 and e.created_at < $3 order by e.seq limit $4`,
      [organizationId, seq, to, limit],
    );
  }
}
