import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, JsonColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

@Entity('credit_holds')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
@Index('credit_holds_open_idx', ['organizationId', 'expiresAt'], { where: "state = 'open'" })
@Index('credit_holds_uncovered_idx', ['organizationId'], { where: "state = 'open' and uncovered > 0" })
@Index('credit_holds_run_id_idx', ['organizationId', 'runId'], { where: 'run_id is not null' })
@Index('credit_holds_due_idx', ['expiresAt'], { where: "state = 'open'" })
@Check('credit_holds_amount_check', 'amount > 0')
@Check('credit_holds_captured_check', 'captured between 0 and amount')
@Check('credit_holds_uncovered_check', 'uncovered between 0 and amount')
@Check('credit_holds_state_check', "state in ('open', 'captured', 'voided', 'expired')")
@Check('credit_holds_resolved_check', "(state = 'open') = (resolved_at is null)")
export class CreditHold {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @Column({ type: 'bigint' })
  amount: string;

  @TextColumn()
  state: string;

  @Column({ type: 'bigint' })
  captured: string;

  @Column({ type: 'bigint' })
  uncovered: string;

  /** Reserved parts of lots, `[[lot, amount], …]`. */
  @JsonColumn()
  parts: [string, string][];

  @TextColumn()
  kind: string;

  @TextColumn({ nullable: true })
  reference: string | null;

  @IdColumn({ nullable: true })
  unitId: string | null;

  @IdColumn({ nullable: true })
  memberId: string | null;

  @IdColumn({ nullable: true })
  apiKeyId: string | null;

  @IdColumn({ nullable: true })
  runId: string | null;

  @TimestampColumn()
  createdAt: Date;

  @TimestampColumn()
  expiresAt: Date;

  @TimestampColumn({ nullable: true })
  resolvedAt: Date | null;
}
