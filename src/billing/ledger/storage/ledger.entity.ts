import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  TextColumn,
  TimestampColumn,
} from '../../../common/database/index.js';
import { CATEGORIES } from '../decisions/state.js';

/** Micro-credits. */
const MicroColumn = (options: { default?: string } = {}) => Column({ type: 'bigint', ...options });
const ZERO = { default: '0' };
const oneOf = (column: string, values: readonly string[]): string => `${column} in ('${values.join("', '")}')`;

/**
 * The stored balances of an organization, and the row whose lock puts everything that moves its credits in order. They
 * change by themselves with every entry that is written (see the migration), and in no other way.
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

  /** What claw-backs found no credits for, and no later credits have settled; it freezes the organization. */
  @MicroColumn(ZERO)
  owed: string;

  /** Whoever wants to know when available falls below these: alerts and automatic top-up. Null: nobody. */
  @Column({ type: 'bigint', array: true, nullable: true })
  lines: string[] | null;

  /** Number of the last entry. */
  @Column({ type: 'bigint', default: '0' })
  seq: string;

  /** The instant of the last entry: none is ever before it. */
  @TimestampColumn()
  lastAt: Date;

  @TimestampColumn({ nullable: true })
  frozenAt: Date | null;
}

/** One transaction of the ledger: a signed amount for each account, which together are zero. Insert-only. */
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
@Check(
  'credit_entries_zero_check',
  'available + held + consumed + external + promo + plan + expired + adjustment + receivable = 0',
)
@Check('credit_entries_amount_check', 'amount > 0')
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

  /** What it adds to the usage that limits count, and the instant it counts at. */
  @MicroColumn()
  usage: string;

  @TimestampColumn()
  usageAt: Date;

  /** Balances right after it. */
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

  /** The hold, charge, lot or top-up it is about. */
  @IdColumn({ nullable: true })
  sourceId: string | null;

  /** Changes of lots, `[[lot, remaining, reserved], …]`; `settled`: those that covered debt. */
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

  /** Of what remains, kept for holds. */
  @MicroColumn()
  reserved: string;

  /** Something remains. Changes rarely, so that the index on it costs a charge nothing. */
  @Column({ type: 'boolean' })
  open: boolean;
}

/** A key that moved credits, or was refused to, with its answer: for ever, since it may come again at any time. */
@Entity('credit_keys')
@Check('credit_keys_accepted_check', 'seq is null or status < 400')
@Check('credit_keys_answer_check', 'answer is not null or seq is not null')
export class CreditKey {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryColumn({ type: 'text' })
  key: string;

  /** SHA-256 over what was asked for. */
  @TextColumn()
  hash: string;

  @Column({ type: 'smallint' })
  status: number;

  /** As JSON: it is only ever handed back. Null for a charge, whose entry tells it. */
  @TextColumn({ nullable: true })
  answer: string | null;

  /** The entry of an accepted key. */
  @Column({ type: 'bigint', nullable: true })
  seq: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}

/** How much of a charge has been given back; no row: nothing. */
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
