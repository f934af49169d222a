import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { Receipt } from './receipt.entity.js';

/** A top-up. */
export interface ReceiptKey {
  organizationId: string;
  id: string;
}

@Injectable()
export class ReceiptStore {
  /** Returns the receipt of a top-up and its corrections, in the order of their numbers. */
  find(reader: Reader, { organizationId, id }: ReceiptKey): Promise<Receipt[]> {
    return reader.rows<Receipt>(
      `select ${columnsOf(reader, Receipt, 'r')} from receipts r
       where r.organization_id = $1 and r.top_up_id = $2 order by r.revision`,
      [organizationId, id],
    );
  }

  operatorAndName(reader: Reader, organizationId: string): Promise<{ operatorId: string; name: string }> {
    return reader.one('select operator_id as "operatorId", name from organizations where id = $1', [organizationId]);
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
      `insert into receipts (organization_id, top_up_id, revision, operator_id, number, seller, buyer)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        row.organizationId,
        row.topUpId,
        row.revision,
        row.operatorId,
        row.number,
        JSON.stringify(row.seller),
        JSON.stringify(row.buyer),
      ],
    );
  }
}
