import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../database/index.js';
import type { PaymentNotice } from '../providers/payment-provider.js';

@Injectable()
export class PaymentEventStore {
  /** Returns true for the first delivery of an event. A concurrent second delivery waits until the first is committed. */
  async claim(tx: Tx, provider: string, { eventId, type, paymentId }: PaymentNotice): Promise<boolean> {
    const count = await tx.execute(
      `insert into payment_notices (provider, id, type, payment_id) values ($1, $2, $3, $4)
       on conflict do nothing returning id`,
      [provider, eventId, type, paymentId],
    );
    return count > 0;
  }

  /** Serializes the events of one payment. */
  async lockPayment(tx: Tx, provider: string, paymentId: string): Promise<void> {
    await tx.execute('select pg_advisory_xact_lock(hashtextextended($1, 4721))', [`${provider}:${paymentId}`]);
  }

  /** Stores an event whose top-up is not known yet. */
  async defer(tx: Tx, provider: string, notice: PaymentNotice): Promise<void> {
    await tx.execute(`update payment_notices set waiting = true, notice = $3 where provider = $1 and id = $2`, [
      provider,
      notice.eventId,
      JSON.stringify(notice),
    ]);
  }

  /** Returns the deferred events of a payment and marks them as handled. */
  async takeDeferred(tx: Tx, provider: string, paymentId: string): Promise<PaymentNotice[]> {
    const rows = await tx.rows<{ notice: PaymentNotice }>(
      `with heard as (select provider, id, notice from payment_notices
         where provider = $1 and payment_id = $2 and waiting order by id for no key update)
       update payment_notices e set waiting = false, notice = null from heard h
       where e.provider = h.provider and e.id = h.id returning h.notice`,
      [provider, paymentId],
    );
    return rows.map(({ notice }) => notice);
  }

  /** Assigns a payment to a top-up permanently. Returns false if it belongs to another top-up. */
  async assign(tx: Tx, provider: string, paymentId: string, topUpId: string): Promise<boolean> {
    const id = `payment:${paymentId}`;
    await tx.execute(
      `insert into payment_notices (provider, id, type, payment_id, top_up_id) values ($1, $2, 'payment', $3, $4)
       on conflict do nothing`,
      [provider, id, paymentId, topUpId],
    );
    const row = await tx.maybe<{ topUpId: string }>(
      `select top_up_id as "topUpId" from payment_notices where provider = $1 and id = $2`,
      [provider, id],
    );
    return row?.topUpId === topUpId;
  }

  /** Deletes events that providers no longer repeat. The assignment of payments to top-ups is kept. */
  async deleteOlderThan(tx: Tx, days: number): Promise<void> {
    await tx.execute(
      `delete from payment_notices where received_at < now() - make_interval(days => $1) and type <> 'payment'`,
      [days],
    );
  }
}
