import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  TextColumn,
  TimestampColumn,
} from '../../../database/index.js';
import { CATEGORIES } from '../decisions/state.js';

/** Micro-credits. */
const MicroColumn = (options: { default?: string } = {}) => Column({ type: 'bigint', ...options });
const ZERO = { default: '0' };
const oneOf = (column: string, values: readonly string[]): string => `${column} in ('${values.join("', '")}')`;

/**
 * Stores the balances of an organization. Locking this row puts all changes to its credits in order. Only the trigger on
 * `credit_entries` changes the balances.
 */
@Entity('credit_accounts')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Check('credit_accounts_available_check', 'available >= - overdraft_limit')
@Check('credit_accounts_held_check', 'held >= 0')
@Check('credit_accounts_overdraft_limit_check', 'overdraft_limit >= 0')
@Check('credit_accounts_consumed_check', 'consumed >= 0')
@Check('credit_accounts_expired_check', 'expired >= 0')
@Check('credit_accounts_receivable_check', 'receivable <= 0')
@Check('credit_accounts_owed_check', 'owed >= 0')
export class CreditAccount {
  @PrimaryIdColumn()
  organizationId: string;

  @MicroColumn(ZERO)
  available: string;

  @MicroColumn(ZERO)
  held: string;

  @MicroColumn(ZERO)
  consumed: string;

  @MicroColumn(ZERO)
  external: string;

  @MicroColumn(ZERO)
  promo: string;

  @MicroColumn(ZERO)
  plan: string;

  @MicroColumn(ZERO)
  expired: string;

  @MicroColumn(ZERO)
  adjustment: string;

  @MicroColumn(ZERO)
  receivable: string;

  @MicroColumn(ZERO)
  overdraftLimit: string;

  /** Amount that claw-backs found no credits for and later credits have not settled. Freezes the organization. */
  @MicroColumn(ZERO)
  owed: string;

  /** Thresholds of alerts and automatic top-up for available. Null for none. */
  @Column({ type: 'bigint', array: true, nullable: true })
  lines: string[] | null;

  /** Number of the last entry. */
  @Column({ type: 'bigint', default: '0' })
  seq: string;

  /** Instant of the last entry. No later entry is dated before it. */
  @TimestampColumn()
  lastAt: Date;

  @TimestampColumn({ nullable: true })
  frozenAt: Date | null;
}

/** One transaction of the ledger: a signed amount per account, which sum to zero. Insert-only. */
@Entity('credit_entries')
@Unique('credit_entries_organization_id_id_key', ['organizationId', 'id'])
@Index('credit_entries_created_at_idx', ['organizationId', 'createdAt', 'seq'])
@Index('credit_entries_member_id_idx', ['organizationId', 'memberId', 'createdAt', 'seq'], {
  where: 'member_id is not null',
})
@Index('credit_entries_unit_id_idx', ['organizationId', 'unitId', 'createdAt', 'seq'], { where: 'unit_id is not null' })
@Index('credit_entries_api_key_id_idx', ['organizationId', 'apiKeyId', 'createdAt', 'seq'], {
  where: 'api_key_id is not null',
})
@Index('credit_entries_grant_idx', ['organizationId', 'seq'], { where: "type = 'grant'" })
@Check(
  'credit_entries_zero_check',
  'available + held + consumed + external + promo + plan + expired + adjustment + receivable = 0',
)
@Check('credit_entries_amount_check', "amount > 0 or amount = 0 and type = 'charge'")
@Check('credit_entries_held_after_check', 'held_after >= 0')
export class CreditEntry {
  @PrimaryIdColumn()
  organizationId: string;

  /** 1, 2, 3, … within the organization. */
  @PrimaryColumn({ type: 'bigint' })
  seq: string;

  @IdColumn()
  id: string;

  @TextColumn()
  type: string;

  @TextColumn()
  kind: string;

  @TimestampColumn()
  createdAt: Date;

  @MicroColumn()
  amount: string;

  @MicroColumn()
  available: string;

  @MicroColumn()
  held: string;

  @MicroColumn()
  consumed: string;

  @MicroColumn()
  external: string;

  @MicroColumn()
  promo: string;

  @MicroColumn()
  plan: string;

  @MicroColumn()
  expired: string;

  @MicroColumn()
  adjustment: string;

  @MicroColumn()
  receivable: string;

  /** Usage that limits count, and the instant it counts at. */
  @MicroColumn()
  usage: string;

  @TimestampColumn()
  usageAt: Date;

  /** Balances after the entry. */
  @MicroColumn()
  availableAfter: string;

  @MicroColumn()
  heldAfter: string;

  @MicroColumn()
  consumedAfter: string;

  @IdColumn({ nullable: true })
  unitId: string | null;

  @IdColumn({ nullable: true })
  memberId: string | null;

  @IdColumn({ nullable: true })
  apiKeyId: string | null;

  /** The related hold, charge, lot or top-up. */
  @IdColumn({ nullable: true })
  sourceId: string | null;

  /** Changes of lots, `[[lot, remaining, reserved], …]`. `settled` holds those that covered the overdraft. */
  @JsonColumn()
  lots: [string, string, string][];

  @JsonColumn({ nullable: true })
  settled: [string, string, string][] | null;

  @TextColumn({ nullable: true })
  reference: string | null;

  @JsonColumn({ nullable: true })
  detail: Record<string, unknown> | null;

  @IdColumn({ nullable: true })
  actorId: string | null;
}

@Entity('credit_lots')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
@Index('credit_lots_open_idx', ['organizationId'], { where: 'open' })
@Index('credit_lots_expires_at_idx', ['expiresAt'], { where: 'open and expires_at is not null' })
@Check('credit_lots_amount_check', 'amount > 0')
@Check('credit_lots_remaining_check', 'remaining between 0 and amount')
@Check('credit_lots_reserved_check', 'reserved between 0 and remaining')
@Check('credit_lots_open_check', 'open = (remaining > 0)')
@Check('credit_lots_category_check', oneOf('category', CATEGORIES))
export class CreditLot {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  category: string;

  @Column({ type: 'integer' })
  priority: number;

  @TimestampColumn()
  effectiveAt: Date;

  @TimestampColumn({ nullable: true })
  expiresAt: Date | null;

  @TextColumn()
  source: string;

  @MicroColumn()
  amount: string;

  @MicroColumn()
  remaining: string;

  /** Part of `remaining` that holds keep. */
  @MicroColumn()
  reserved: string;

  /** True while credits remain. Changes rarely, so the index on it costs a charge nothing. */
  @Column({ type: 'boolean' })
  open: boolean;
}

/** Stores an idempotency key with its response forever, because it may be sent again at any time. */
@Entity('credit_keys')
@Check('credit_keys_accepted_check', 'seq is null or status < 400')
@Check('credit_keys_answer_check', 'answer is not null or seq is not null')
export class CreditKey {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryColumn({ type: 'text' })
  key: string;

  /** SHA-256 of the request. */
  @TextColumn()
  hash: string;

  @Column({ type: 'smallint' })
  status: number;

  /** JSON text, because it is only sent back. Null for a charge, whose response is derived from its entry. */
  @TextColumn({ nullable: true })
  answer: string | null;

  /** Number of the entry, for an accepted key. */
  @Column({ type: 'bigint', nullable: true })
  seq: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}

/** Refunded amount of a charge. No row means nothing was refunded. */
@Entity('credit_refunds')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
@Check('credit_refunds_refunded_check', 'refunded > 0 and refunded <= charged')
export class CreditRefund {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  chargeId: string;

  @MicroColumn()
  charged: string;

  @MicroColumn()
  refunded: string;
}
