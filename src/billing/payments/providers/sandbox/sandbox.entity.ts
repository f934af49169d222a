import { Check, Column, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, PrimaryIdColumn, TextColumn } from '../../../../database/index.js';

export const SANDBOX_STATES = ['open', 'declined', 'paid', 'disputed', 'won', 'lost'] as const;
export type SandboxState = (typeof SANDBOX_STATES)[number];

/** A payment at the simulated provider. Only the sandbox reads this table. */
@Entity('sandbox_payments')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Check('sandbox_payments_state_check', `state in ('${SANDBOX_STATES.join("', '")}')`)
@Check('sandbox_payments_refunded_check', 'refunded_minor between 0 and amount_minor')
export class SandboxPayment {
  @PrimaryIdColumn()
  organizationId: string;

  /** The id of the top-up. */
  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  state: SandboxState;

  @TextColumn()
  title: string;

  @Column({ type: 'bigint' })
  amountMinor: string;

  @TextColumn()
  currency: string;

  @Column({ type: 'bigint', default: '0' })
  refundedMinor: string;

  @TextColumn()
  returnUrl: string;

  @CreatedAtColumn()
  createdAt: Date;
}
