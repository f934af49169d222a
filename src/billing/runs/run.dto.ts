import { toCredits } from '../../common/money/index.js';
import { PageQuery } from '../../common/pagination/index.js';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  JsonField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { type Run, STOP_REASONS, type StopReason } from './run.entity.js';

export const RUN_STATES = ['running', 'stopped'] as const;
export type RunState = (typeof RUN_STATES)[number];

export const DEFAULT_TIMEOUT_SECONDS = 300;
const MAX_SECONDS = 2_147_483_647;
const SORTS = ['-startedAt', 'startedAt'] as const;

export class RunQuery extends PageQuery {
  @EnumField(RUN_STATES, { name: 'RunState', optional: true })
  state?: RunState;

  @UuidField({ optional: true })
  clusterId?: string;

  @UuidField({ optional: true })
  unitId?: string;

  @UuidField({ optional: true })
  memberId?: string;

  @EnumField(SORTS, { optional: true, default: '-startedAt' })
  sort?: (typeof SORTS)[number];
}

export class StartRun {
  @UuidField({ description: 'A cluster that is shared with the organization.' })
  clusterId: string;

  @TextField({ max: 50, description: 'The key of a preset of the cluster.', example: 'gpu-small' })
  preset: string;

  @UuidField({ description: 'The unit that the run belongs to. Users must be members of it.' })
  unitId: string;

  @UuidField({
    optional: true,
    description:
      'The member the usage is attributed to. The default is the caller. Only managers can set another member.',
  })
  memberId?: string;

  @TextField({ max: 200, optional: true, nullable: true })
  name?: string | null;

  @JsonField({ optional: true, description: 'At most 4 KiB of JSON.' })
  metadata?: Record<string, unknown>;

  @IntegerField({
    min: 10,
    max: 86_400,
    optional: true,
    default: DEFAULT_TIMEOUT_SECONDS,
    description: 'A run without a heartbeat for this long is lost. It is stopped and charged until then.',
  })
  heartbeatTimeoutSeconds?: number;
}

export class RunView {
  @UuidField()
  id: string;

  @EnumField(RUN_STATES, { name: 'RunState' })
  state: RunState;

  @UuidField()
  clusterId: string;

  @TextField({ max: 50 })
  preset: string;

  @UuidField()
  unitId: string;

  @UuidField({ nullable: true })
  memberId: string | null;

  @UuidField({ nullable: true })
  apiKeyId: string | null;

  @TextField({ nullable: true })
  name: string | null;

  @JsonField({ nullable: true })
  metadata: Record<string, unknown> | null;

  @CreditsField({ zero: true, description: 'The price when the run started.' })
  creditsPerHour: string;

  @IntegerField({ min: 10, max: 86_400 })
  heartbeatTimeoutSeconds: number;

  @DateTimeField()
  startedAt: string;

  @DateTimeField()
  lastHeartbeatAt: string;

  @IntegerField({ min: 0, max: MAX_SECONDS, description: 'Whole seconds charged so far.' })
  seconds: number;

  @CreditsField({ zero: true, description: '`creditsPerHour` × `seconds` ÷ 3600, rounded up once.' })
  charged: string;

  @DateTimeField({
    description: 'Credits are charged or held until this time, which advances while credits are available.',
  })
  coveredUntil: string;

  @UuidField({ nullable: true, description: 'The hold that reserves credits for the next seconds.' })
  holdId: string | null;

  @DateTimeField({ nullable: true })
  stoppedAt: string | null;

  @EnumField(STOP_REASONS, { name: 'StopReason', nullable: true })
  stopReason: StopReason | null;
}

export class RunPreview extends RunView {
  @BooleanField({ description: 'Always true, because nothing was changed.' })
  dryRun: boolean;
}

export class HeartbeatView {
  @BooleanField({ description: 'True if the workload must stop. It is no longer charged.' })
  stop: boolean;

  @EnumField(STOP_REASONS, { name: 'StopReason', nullable: true })
  reason: StopReason | null;

  @EnumField(RUN_STATES, { name: 'RunState' })
  state: RunState;

  @DateTimeField({ nullable: true })
  stoppedAt: string | null;

  @IntegerField({ min: 0, max: MAX_SECONDS })
  seconds: number;

  @CreditsField({ zero: true })
  charged: string;

  @DateTimeField()
  coveredUntil: string;

  @DateTimeField({
    nullable: true,
    description: 'Send the next heartbeat before this time. Null when the run has stopped.',
  })
  nextHeartbeatBefore: string | null;
}

type Started = 'startedAt' | 'lastHeartbeatAt' | 'seconds' | 'charged' | 'coveredUntil' | 'holdId';

/** Returns the part of a run that is known before it starts. */
export const toNewRunView = (run: NewRun): Omit<RunView, Started> => ({
  id: run.id,
  state: 'running',
  clusterId: run.clusterId,
  preset: run.preset,
  unitId: run.unitId,
  memberId: run.memberId,
  apiKeyId: run.apiKeyId,
  name: run.name,
  metadata: run.metadata,
  creditsPerHour: toCredits(BigInt(run.rate)),
  heartbeatTimeoutSeconds: run.heartbeatTimeoutSeconds,
  stoppedAt: null,
  stopReason: null,
});

export type NewRun = Pick<
  Run,
  | 'organizationId'
  | 'id'
  | 'clusterId'
  | 'preset'
  | 'unitId'
  | 'memberId'
  | 'apiKeyId'
  | 'name'
  | 'metadata'
  | 'rate'
  | 'heartbeatTimeoutSeconds'
>;

const secondsAfter = (at: Date, seconds: number): string => new Date(at.getTime() + seconds * 1000).toISOString();

export const toRunView = (run: Run): RunView => ({
  ...toNewRunView(run),
  state: run.stoppedAt ? 'stopped' : 'running',
  startedAt: run.startedAt.toISOString(),
  lastHeartbeatAt: run.heartbeatAt.toISOString(),
  seconds: run.settledSeconds,
  charged: toCredits(BigInt(run.charged)),
  coveredUntil: secondsAfter(run.startedAt, run.coveredSeconds),
  holdId: run.holdId,
  stoppedAt: run.stoppedAt?.toISOString() ?? null,
  stopReason: run.stopReason,
});

export function toHeartbeatView(run: Run): HeartbeatView {
  const { state, stoppedAt, stopReason, seconds, charged, coveredUntil } = toRunView(run);
  const before = secondsAfter(run.heartbeatAt, run.heartbeatTimeoutSeconds);
  return {
    stop: state === 'stopped',
    reason: stopReason,
    state,
    stoppedAt,
    seconds,
    charged,
    coveredUntil,
    nextHeartbeatBefore: state === 'stopped' ? null : before,
  };
}
