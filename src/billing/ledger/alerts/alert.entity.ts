import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../../database/index.js';

export const ALERT_KINDS = ['balance', 'timeToZero', 'emptyFor'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** An alert about the credits of an organization. */
@Entity('credit_alerts')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
@Check('credit_alerts_kind_check', `kind in ('${ALERT_KINDS.join("', '")}')`)
@Check('credit_alerts_threshold_check', 'threshold > 0')
export class CreditAlert {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  kind: AlertKind;

  /** Micro-credits, hours or days, depending on the kind. */
  @Column({ type: 'bigint' })
  threshold: string;

  @Column({ type: 'boolean' })
  enabled: boolean;

  /** For time-based kinds: true from firing until the condition ends, so the alert fires once. */
  @Column({ type: 'boolean', default: false })
  firing: boolean;

  @TimestampColumn({ nullable: true })
  lastFiredAt: Date | null;

  @IdColumn()
  createdBy: string;

  @CreatedAtColumn()
  createdAt: Date;

  @RowVersionColumn()
  version: number;
}

/** Records, with the entry, that available fell below a threshold. The job that deletes the row reports it. */
@Entity('credit_crossings')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
export class CreditCrossing {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryColumn({ type: 'bigint' })
  seq: string;

  @PrimaryColumn({ type: 'bigint' })
  line: string;

  @Column({ type: 'bigint' })
  available: string;

  @TimestampColumn()
  crossedAt: Date;
}
