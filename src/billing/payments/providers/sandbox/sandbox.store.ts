import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../../database/index.js';
import type { PaymentOrder } from '../payment-provider.js';
import { SandboxPayment, type SandboxState } from './sandbox.entity.js';

@Injectable()
export class SandboxStore {
  async insert(tx: Tx, order: PaymentOrder, state: SandboxState = 'open'): Promise<void> {
    const { organizationId, topUpId, title, priceMinor, currency, returnUrl } = order;
    await tx.execute(
      `insert into sandbox_payments (organization_id, id, state, title, amount_minor, currency, return_url)
       values ($1, $2, $7, $3, $4, $5, $6) on conflict do nothing`,
      [organizationId, topUpId, title, priceMinor, currency, returnUrl, state],
    );
  }

  find(reader: Reader, organizationId: string, id: string, lock = false): Promise<SandboxPayment | null> {
    return reader.maybe<SandboxPayment>(
      `select ${columnsOf(reader, SandboxPayment, 's')} from sandbox_payments s
       where s.organization_id = $1 and s.id = $2 ${lock ? 'for no key update' : ''}`,
      [organizationId, id],
    );
  }

  /** Searches all organizations, because a payment provider does not know organizations. */
  async paidSince(reader: Reader, since: Date): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select id from sandbox_payments where created_at >= $1 and state not in ('open', 'declined') order by id`,
      [since],
    );
    return rows.map(({ id }) => id);
  }

  async update(tx: Tx, { organizationId, id, state, refundedMinor }: SandboxPayment): Promise<void> {
    await tx.execute(
      `update sandbox_payments set state = $3, refunded_minor = $4 where organization_id = $1 and id = $2`,
      [organizationId, id, state, refundedMinor],
    );
  }
}
