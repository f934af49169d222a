import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import {
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../common/database/index.js';

export const STOP_REASONS = [
  'stopped',
  'credits_exhausted',
  'quota',
  'suspended',
  'deleted',
  'access_removed',
  'lost',
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/**
 * Something that runs in a cluster and is charged by the second. The check on `charged` is the promise: whoever settles,
 * and however often, it is what the seconds cost that were settled.
 */
@Entity('runs')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('Cluster', ['clusterId'], ['id'])
@Index('runs_cluster_id_idx', ['clusterId'])
@Index('runs_started_at_idx', ['organizationId', 'startedAt', 'id'])
@Index('runs_running_idx', ['organizationId', 'nextAt'], { where: 'stopped_at is null' })
@Index('runs_due_idx', ['nextAt'], { where: 'stopped_at is null' })
@Check('runs_rate_check', 'rate >= 0')
@Check('runs_charged_check', 'charged = ceil(rate::numeric * settled_seconds / 3600)')
@Check('runs_settled_check', 'settled_seconds >= 0 and covered_seconds >= settled_seconds')
@Check('runs_heartbeat_check', 'heartbeat_timeout_seconds > 0')
@Check('runs_stopped_check', '(stopped_at is null) = (stop_reason is null)')
@Check('runs_over_check', 'stopped_at is null or hold_id is null')
@Check('runs_reason_check', `stop_reason in ('${STOP_REASONS.join("', '")}')`)
export class Run {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  clusterId: string;

  @TextColumn()
  preset: string;

  @IdColumn()
  unitId: string;

  @IdColumn({ nullable: true })
  memberId: string | null;

  @IdColumn({ nullable: true })
  apiKeyId: string | null;

  @TextColumn({ nullable: true })
  name: string | null;

  @JsonColumn({ nullable: true })
  metadata: Record<string, unknown> | null;

  /** Micro-credits an hour, as the preset was when it began. */
  @Column({ type: 'bigint' })
  rate: string;

  @Column({ type: 'integer' })
  heartbeatTimeoutSeconds: number;

  @TimestampColumn()
  startedAt: Date;

  /** Its last sign of life: it is charged no further than a timeout beyond it. */
  @TimestampColumn()
  heartbeatAt: Date;

  /** Unheard of by then it is lost. Later than a timeout after the heartbeat where no server was there to hear it. */
  @TimestampColumn()
  deadlineAt: Date;

  /** Whole seconds since the start that are charged. */
  @Column({ type: 'integer' })
  settledSeconds: number;

  /** Micro-credits. */
  @Column({ type: 'bigint' })
  charged: string;

  /** Charged or held for up to here. */
  @Column({ type: 'integer' })
  coveredSeconds: number;

  @IdColumn({ nullable: true })
  holdId: string | null;

  /** When it was last settled or looked at. */
  @TimestampColumn()
  checkedAt: Date;

  /** When it has to be looked at again. */
  @TimestampColumn()
  nextAt: Date;

  @TimestampColumn({ nullable: true })
  stoppedAt: Date | null;

  @TextColumn({ nullable: true })
  stopReason: StopReason | null;

  @RowVersionColumn()
  version: number;
}

/** How many runs may run at once; the scopes and subjects are those of `credit_limits`. */
@Entity('run_limits')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Check('run_limits_scope_check', "scope in ('organization', 'unit', 'member_default', 'member', 'api_key')")
@Check('run_limits_running_check', 'running >= 0')
export class RunLimit {
  @PrimaryIdColumn()
  organizationId: string;

  @Column({ type: 'text', primary: true })
  scope: string;

  @PrimaryIdColumn()
  subjectId: string;

  @Column({ type: 'integer' })
  running: number;
}
