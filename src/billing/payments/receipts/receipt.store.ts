import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { Receipt } from './receipt.entity.js';

@Injectable()
export class ReceiptStore {
  find(reader: Reader, { organizationId, id }: { organizationId: string; id: string }): Promise<Receipt | null> {
    return reader.maybe<Receipt>(
      `select ${columnsOf(reader, Receipt, 'r')} from receipts r where r.organization_id = $1 and r.top_up_id = $2`,
      [organizationId, id],
    );
  }

  /** Takes the next number. Others wait until `tx` ends, so that a number is never skipped. */
  async nextNumber(tx: Tx, operatorId: string): Promise<string> {
    const { number } = await tx.one<{ number: string }>(
      `insert into receipt_counters as c (operator_id, last_number) values ($1, 1)
       on conflict (operator_id) do update set last_number = c.last_number + 1 returning last_number as number`,
      [operatorId],
    );
    return number;
  }

  async insert(tx: Tx, row: Omit<Receipt, 'createdAt'>): Promise<void> {
    await tx.execute(
      `insert into receipts (organization_id, top_up_id, operator_id, number, seller, buyer)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        row.organizationId,
        row.topUpId,
        row.operatorId,
        row.number,
        JSON.stringify(row.seller),
        JSON.stringify(row.buyer),
      ],
    );
  }
}
