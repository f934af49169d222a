import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../common/database/index.js';
import type { PaymentNotice } from '../providers/payment-provider.js';

@Injectable()
export class PaymentEventStore {
  /** True for whoever brings the event first; a second one waits until the first is committed. */
  async claim(tx: Tx, provider: string, { eventId, type, paymentId }: PaymentNotice): Promise<boolean> {
    const count = await tx.execute(
      `insert into payment_notices (provider, id, type, payment_id) values ($1, $2, $3, $4)
       on conflict do nothing returning id`,
      [provider, eventId, type, paymentId],
    );
    return count > 0;
  }

  /** What is said of one payment is heard one after the other. */
  async lockPayment(tx: Tx, provider: string, paymentId: string): Promise<void> {
    await tx.execute('select pg_advisory_xact_lock(hashtextextended($1, 4721))', [`${provider}:${paymentId}`]);
  }

  /** Keeps what cannot be told to a top-up yet. */
  async wait(tx: Tx, provider: string, notice: PaymentNotice): Promise<void> {
    await tx.execute(`update payment_notices set waiting = true, notice = $3 where provider = $1 and id = $2`, [
      provider,
      notice.eventId,
      JSON.stringify(notice),
    ]);
  }

  /** What waited for a payment, which does so no longer. */
  async takeWaiting(tx: Tx, provider: string, paymentId: string): Promise<PaymentNotice[]> {
    const rows = await tx.rows<{ notice: PaymentNotice }>(
      `with heard as (select provider, id, notice from payment_notices
         where provider = $1 and payment_id = $2 and waiting order by id for no key update)
       update payment_notices e set waiting = false, notice = null from heard h
       where e.provider = h.provider and e.id = h.id returning h.notice`,
      [provider, paymentId],
    );
    return rows.map(({ notice }) => notice);
  }

  /** A payment belongs to one top-up for ever. False when it is another's. */
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

  /** Events are forgotten once nobody repeats them; which payment was whose is not. */
  async sweep(tx: Tx, days: number): Promise<void> {
    await tx.execute(
      `delete from payment_notices where received_at < now() - make_interval(days => $1) and type <> 'payment'`,
      [days],
    );
  }
}
