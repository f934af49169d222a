import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx, isNotDelayed } from '../../../database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { TopUpQuery } from './top-up.dto.js';
import { TopUp } from './top-up.entity.js';
import type { PaymentReview } from '../payment-review.js';
import type { Checkout, PaymentMethod, PaymentNotice } from '../providers/payment-provider.js';

export type NewTopUp = Pick<
  TopUp,
  | 'organizationId'
  | 'id'
  | 'credits'
  | 'priceMinor'
  | 'roundedFromMinor'
  | 'currency'
  | 'packageId'
  | 'provider'
  | 'returnUrl'
  | 'auto'
  | 'requestedBy'
  | 'requestKey'
  | 'requestHash'
> & { keepMethod?: boolean; paymentMethod?: PaymentMethod };

/** Identifies a top-up. */
export interface TopUpKey {
  organizationId: string;
  id: string;
}

/** A top-up with the operator's data that opening its checkout requires. */
export type DueTopUp = TopUp & { operatorSlug: string; operatorName: string };

@Injectable()
export class TopUpStore {
  constructor(private readonly pager: Pager) {}

  /** Returns the name of the user who requested the top-up, or null for an API key. */
  async payerName(reader: Reader, requestedBy: string): Promise<string | null> {
    const row = await reader.maybe<{ name: string }>('select name from users where id = $1', [requestedBy]);
    return row?.name ?? null;
  }

  /** Returns false if the key is taken or an unfinished automatic top-up exists. */
  async insert(tx: Tx, row: NewTopUp, lookAfterSeconds: number): Promise<boolean> {
    const count = await tx.execute(
      `insert into top_ups (organization_id, id, state, credits, price_minor, currency, package_id, provider, return_url, auto,
         requested_by, request_key, request_hash, keep_method, payment_method, rounded_from_minor, refunded_minor, disputes, next_look_at, updated_at)
       values ($1, $2, 'created', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $15, $16, 0, '{}',
         case when $7 = 'manual' then null else now() + make_interval(secs => $13) end, now())
       on conflict do nothing returning id`,
      [
        row.organizationId,
        row.id,
        row.credits,
        row.priceMinor,
        row.currency,
        row.packageId,
        row.provider,
        row.returnUrl,
        row.auto,
        row.requestedBy,
        row.requestKey,
        row.requestHash,
        lookAfterSeconds,
        row.keepMethod ?? false,
        row.paymentMethod ? JSON.stringify(row.paymentMethod) : null,
        row.roundedFromMinor,
      ],
    );
    return count > 0;
  }

  find(reader: Reader, { organizationId, id }: TopUpKey): Promise<TopUp | null> {
    return this.one(reader, 't.organization_id = $1 and t.id = $2', organizationId, id);
  }

  findByKey(reader: Reader, organizationId: string, key: string): Promise<TopUp | null> {
    return this.one(reader, 't.organization_id = $1 and t.request_key = $2', organizationId, key);
  }

  /** Locks the top-up until `tx` ends. */
  lock(tx: Tx, { organizationId, id }: TopUpKey): Promise<TopUp | null> {
    return this.one(tx, 't.organization_id = $1 and t.id = $2 for no key update', organizationId, id);
  }

  private one(reader: Reader, condition: string, ...parameters: string[]): Promise<TopUp | null> {
    return reader.maybe<TopUp>(`select ${columnsOf(reader, TopUp, 't')} from top_ups t where ${condition}`, parameters);
  }

  /** Finds the top-up of a notice by its own id or by the provider's ids. Searches all organizations by index. */
  findByNotice(reader: Reader, provider: string, notice: PaymentNotice): Promise<TopUpKey | null> {
    const { topUpId, checkoutId, paymentId } = notice;
    return reader.maybe<TopUpKey>(
      `select t.organization_id as "organizationId", t.id from top_ups t
       where t.provider = $1 and (t.id = $2 or t.checkout_id = $3 or t.payment_id = $4)
       order by t.id = $2 desc nulls last, t.checkout_id = $3 desc nulls last limit 1`,
      [provider, topUpId, checkoutId, paymentId],
    );
  }

  /** Stores the opened checkout. Does not change the state of a top-up that was paid in the meantime. */
  async recordCheckout(
    tx: Tx,
    { organizationId, id }: TopUpKey,
    checkout: Checkout,
    lookAfterSeconds: number,
  ): Promise<void> {
    await tx.execute(
      `update top_ups set checkout_id = $3, checkout_url = $4, updated_at = now(),
         state = case when state = 'created' then 'checkout_open' else state end,
         next_look_at = case when next_look_at is null then null else now() + make_interval(secs => $5) end
       where organization_id = $1 and id = $2 and checkout_id is null`,
      [organizationId, id, checkout.checkoutId, checkout.checkoutUrl, lookAfterSeconds],
    );
  }

  /** Writes the facts of a top-up. `over` ends the polling of the provider. */
  async update(tx: Tx, row: TopUp, over: boolean): Promise<void> {
    await tx.execute(
      `update top_ups set state = $3, payment_id = $4, lot_id = $5, paid_at = case when $6 then coalesce(paid_at, now()) end,
         granted_at = case when $5::uuid is not null then coalesce(granted_at, now()) end, refunded_minor = $7, disputes = $8,
         clawed_back = $9, frozen = $10, failure = $11, next_look_at = case when not $12 then coalesce(next_look_at, now() + interval '1 minute') end, updated_at = now(),
         refunds = $13, clawed_lots = $14, processing = $15, credits = $16, price_minor = $17, requested = $18
       where organization_id = $1 and id = $2`,
      [
        row.organizationId,
        row.id,
        row.state,
        row.paymentId,
        row.lotId,
        row.paidAt !== null,
        row.refundedMinor,
        JSON.stringify(row.disputes),
        row.clawedBack,
        row.frozen,
        row.failure,
        over,
        row.refunds && JSON.stringify(row.refunds),
        row.clawedLots && JSON.stringify(row.clawedLots),
        row.processing,
        row.credits,
        row.priceMinor,
        row.requested && JSON.stringify(row.requested),
      ],
    );
  }

  /** Counts payments whose money has not arrived yet, automatic ones that may be charged already, and open bank transfers. */
  async countUnderway(reader: Reader, organizationId: string): Promise<number> {
    const { count } = await reader.one<{ count: number }>(
      `select count(*)::int as count from top_ups where organization_id = $1
         and (state in ('processing', 'paid') or auto and state = 'created'
           or provider = 'manual' and state in ('created', 'checkout_open'))`,
      [organizationId],
    );
    return count;
  }

  /** Returns the operator of an organization that was purged or is being purged, or null. */
  async operatorOfPurged(reader: Reader, organizationId: string): Promise<string | null> {
    const row = await reader.maybe<{ operatorId: string }>(
      `select operator_id as "operatorId" from tombstones where id = $1 and kind = 'organization'`,
      [organizationId],
    );
    return row?.operatorId ?? null;
  }

  /** Stores a payment that does not match, for staff to review. */
  async openReview(tx: Tx, { organizationId, id }: TopUpKey, review: PaymentReview): Promise<void> {
    await tx.execute(
      `update top_ups set review = $3, review_opened_at = now(), updated_at = now() where organization_id = $1 and id = $2`,
      [organizationId, id, JSON.stringify(review)],
    );
  }

  /** Keeps what was reviewed, so that the same report does not ask for a review again. */
  async closeReview(tx: Tx, { organizationId, id }: TopUpKey): Promise<void> {
    await tx.execute(
      `update top_ups set review_opened_at = null, updated_at = now() where organization_id = $1 and id = $2`,
      [organizationId, id],
    );
  }

  /** Drops a review whose reason is gone. The same reason asks for a review again. */
  async dropReview(tx: Tx, { organizationId, id }: TopUpKey): Promise<void> {
    await tx.execute(
      `update top_ups set review = null, review_opened_at = null, updated_at = now() where organization_id = $1 and id = $2`,
      [organizationId, id],
    );
  }

  /** Counts top-ups that wait for a review, in all organizations, by index. */
  async countInReview(reader: Reader): Promise<number> {
    const { count } = await reader.one<{ count: number }>(
      'select count(*)::int as count from top_ups where review_opened_at is not null',
    );
    return count;
  }

  /** Finds top-ups that were refunded or disputed, in all organizations. What happened to them can still be taken back. */
  findPaidBack(reader: Reader, provider: string, days: number): Promise<TopUpKey[]> {
    return reader.rows<TopUpKey>(
      `select organization_id as "organizationId", id from top_ups
       where provider = $1 and lot_id is not null and (refunded_minor > 0 or disputes <> '{}')
         and updated_at > now() - make_interval(days => $2) order by updated_at`,
      [provider, days],
    );
  }

  /** Finds top-ups whose provider is to be polled, in all organizations, without locking. */
  findDue(reader: Reader, limit: number): Promise<TopUpKey[]> {
    return reader.rows<TopUpKey>(
      `select organization_id as "organizationId", id from top_ups
       where next_look_at <= now() and ${isNotDelayed('PaymentReconciliationJob', 'top_ups.id')} order by next_look_at limit $1`,
      [limit],
    );
  }

  /** Claims a due top-up for one server and doubles its polling interval, up to an hour. Returns null if another was first. */
  async claimDue(tx: Tx, { organizationId, id }: TopUpKey): Promise<DueTopUp | null> {
    const claimed = await tx.execute(
      `update top_ups set looks = looks + 1,
         next_look_at = now() + least(interval '1 hour', interval '30 seconds' * power(2, least(looks, 10)))
       where organization_id = $1 and id = $2 and next_look_at <= now() returning id`,
      [organizationId, id],
    );
    if (claimed === 0) return null;
    return this.withOperator(tx, { organizationId, id });
  }

  withOperator(reader: Reader, { organizationId, id }: TopUpKey): Promise<DueTopUp | null> {
    return reader.maybe<DueTopUp>(
      `select ${columnsOf(reader, TopUp, 't')}, p.slug as "operatorSlug", p.name as "operatorName"
       from top_ups t join organizations o on o.id = t.organization_id join operators p on p.id = o.operator_id
       where t.organization_id = $1 and t.id = $2`,
      [organizationId, id],
    );
  }

  /** Finds paid top-ups whose saved payment method was not fetched from the provider yet, newest first. */
  findWithUnknownMethod(reader: Reader, organizationId: string, provider: string, limit: number): Promise<TopUp[]> {
    return reader.rows<TopUp>(
      `select ${columnsOf(reader, TopUp, 't')} from top_ups t
       where t.organization_id = $1 and t.provider = $2 and t.keep_method and t.lot_id is not null
         and t.checkout_id is not null and t.payment_method is null
       order by t.created_at desc, t.id desc limit $3`,
      [organizationId, provider, limit],
    );
  }

  /** Stores the saved method, or that none was saved. Returns false if it was already stored. */
  async setPaymentMethod(tx: Tx, { organizationId, id }: TopUpKey, method: PaymentMethod | null): Promise<boolean> {
    const count = await tx.execute(
      `update top_ups set payment_method = $3, keep_method = $3::jsonb is not null
       where organization_id = $1 and id = $2 and keep_method and payment_method is null returning id`,
      [organizationId, id, method && JSON.stringify(method)],
    );
    return count > 0;
  }

  page(reader: Reader, organizationId: string, query: TopUpQuery): Promise<Page<TopUp>> {
    return this.pager.page<TopUp>(
      reader,
      {
        name: 'top-ups',
        columns: columnsOf(reader, TopUp, 't'),
        from: 'top_ups t',
        sorts: { createdAt: { sql: 't.created_at', type: 'timestamptz' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 't.id', type: 'uuid' },
      },
      new Where()
        .add('t.organization_id = ?', organizationId)
        .when('t.state = ?', query.state)
        .when('t.requested_by = ?', query.requestedBy)
        .when('(t.review_opened_at is not null) = ?', query.needsReview),
      query,
    );
  }
}
