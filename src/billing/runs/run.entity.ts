import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import {
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/index.js';

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
 * A workload that runs in a cluster and is charged by the second. The check on `charged` guarantees that it always equals
 * the cost of the settled seconds, regardless of how often the run is settled.
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

  /** Micro-credits per hour, as the preset was when the run started. */
  @Column({ type: 'bigint' })
  rate: string;

  @Column({ type: 'integer' })
  heartbeatTimeoutSeconds: number;

  @TimestampColumn()
  startedAt: Date;

  /** The last heartbeat. The run is charged until one timeout after it at most. */
  @TimestampColumn()
  heartbeatAt: Date;

  /** When the run is lost without another heartbeat. Later than heartbeat plus timeout if no server was running. */
  @TimestampColumn()
  deadlineAt: Date;

  /** Charged whole seconds since the start. */
  @Column({ type: 'integer' })
  settledSeconds: number;

  /** Micro-credits. */
  @Column({ type: 'bigint' })
  charged: string;

  /** Seconds since the start that are charged or held. */
  @Column({ type: 'integer' })
  coveredSeconds: number;

  @IdColumn({ nullable: true })
  holdId: string | null;

  /** When the run was last settled. */
  @TimestampColumn()
  checkedAt: Date;

  /** When the run must be settled next. */
  @TimestampColumn()
  nextAt: Date;

  @TimestampColumn({ nullable: true })
  stoppedAt: Date | null;

  @TextColumn({ nullable: true })
  stopReason: StopReason | null;

  @RowVersionColumn()
  version: number;
}

/** A limit on concurrent runs. Scopes and subjects are those of `credit_limits`. */
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
