import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { type Page, Pager, type PageQuery, Where } from '../../../common/pagination/index.js';
import { SavedPaymentMethod } from './payment-method.entity.js';

@Injectable()
export class PaymentMethodStore {
  constructor(private readonly pager: Pager) {}

  /** Finds a method by its own id or by the id of the top-up that saved it. Without an id, finds the most recent one. */
  find(
    reader: Reader,
    organizationId: string,
    provider: string | null,
    id: string | null,
  ): Promise<SavedPaymentMethod | null> {
    return reader.maybe<SavedPaymentMethod>(
      `select ${columnsOf(reader, SavedPaymentMethod, 'm')} from payment_methods m
       where m.organization_id = $1 and ($2::text is null or m.provider = $2)
         and case when $3::text is null then m.top_up_id is not null else m.id = $3 or m.top_up_id::text = lower($3) end
       order by m.created_at desc, m.id desc limit 1`,
      [organizationId, provider, id],
    );
  }

  /** Returns null if the method was removed. */
  lock(tx: Tx, organizationId: string, id: string): Promise<SavedPaymentMethod | null> {
    return tx.maybe<SavedPaymentMethod>(
      `select ${columnsOf(tx, SavedPaymentMethod, 'm')} from payment_methods m
       where m.organization_id = $1 and m.id = $2 for update`,
      [organizationId, id],
    );
  }

  /** Returns false if the method is already saved. */
  async insert(tx: Tx, row: Omit<SavedPaymentMethod, 'createdAt'>): Promise<boolean> {
    const count = await tx.execute(
      `insert into payment_methods (organization_id, id, provider, customer_id, brand, last4, exp_month, exp_year, top_up_id,
         created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning id`,
      [
        row.organizationId,
        row.id,
        row.provider,
        row.customerId,
        row.brand,
        row.last4,
        row.expMonth,
        row.expYear,
        row.topUpId,
        row.createdBy,
      ],
    );
    return count > 0;
  }

  async remove(tx: Tx, organizationId: string, id: string): Promise<void> {
    await tx.execute('delete from payment_methods where organization_id = $1 and id = $2', [organizationId, id]);
  }

  page(reader: Reader, organizationId: string, query: PageQuery): Promise<Page<SavedPaymentMethod>> {
    return this.pager.page<SavedPaymentMethod>(
      reader,
      {
        name: 'payment-methods',
        columns: columnsOf(reader, SavedPaymentMethod, 'm'),
        from: 'payment_methods m',
        sorts: { createdAt: { sql: 'm.created_at', type: 'timestamptz' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 'm.id', type: 'text' },
      },
      new Where().add('m.organization_id = ?', organizationId),
      query,
    );
  }
}
