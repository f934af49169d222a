import { Injectable } from '@nestjs/common';
import { type Actor, systemActor } from '../../common/access/index.js';
import { Database, type Tx } from '../../database/index.js';
import { toCredits } from '../../common/money/index.js';
import { EventService } from '../../events/index.js';
import { costOf, LedgerService, type RunDecision, type Usage } from '../ledger/index.js';
import type { NewRun } from './run.dto.js';
import { RunStore, type RunWithContext } from './run.store.js';
import { planSettlement, type RunFacts, applyDecision } from './settlement-plan.js';

const DAY_MS = 86_400_000;
/** Runs of one organization that are settled in one transaction. */
const BATCH_SIZE = 200;

/** Returns the usage that the ledger charges and holds credits for. */
export const usageOfRun = (run: NewRun): Usage & { runId: string; rate: bigint; ttlMs: number } => ({
  runId: run.id,
  rate: BigInt(run.rate),
  ttlMs: DAY_MS,
  unitId: run.unitId,
  memberId: run.memberId,
  apiKeyId: run.apiKeyId,
  requiredUnitMember: null,
  verifyMember: false,
  kind: null,
  reference: run.id,
  detail: { runId: run.id, clusterId: run.clusterId, preset: run.preset, pricePerHour: toCredits(BigInt(run.rate)) },
});

const factsOf = (run: RunWithContext): RunFacts => ({
  startedAt: run.startedAt.getTime(),
  heartbeatAt: run.heartbeatAt.getTime(),
  deadlineAt: run.deadlineAt.getTime(),
  timeoutSeconds: run.heartbeatTimeoutSeconds,
  checkedAt: run.checkedAt.getTime(),
  settledSeconds: run.settledSeconds,
  deletedAt: run.deletedAt?.getTime() ?? null,
  suspendedAt: run.suspendedAt?.getTime() ?? null,
  accessRemovedAt: run.accessRemovedAt?.getTime() ?? null,
});

/**
 * Charges runs for their elapsed time and ends those that must stop. Every settlement first locks the account of the
 * organization, and writes credits, run and event in one transaction. So each second is charged once, and an interrupted
 * settlement charges nothing.
 */
@Injectable()
export class RunSettlementService {
  constructor(
    private readonly db: Database,
    private readonly store: RunStore,
    private readonly ledger: LedgerService,
    private readonly events: EventService,
  ) {}

  /** Settles one run even if it is not due. With `stoppedBy`, also ends it. */
  settle(organizationId: string, runId: string, stoppedBy?: Actor): Promise<void> {
    return this.db.transaction(async (tx) => void (await this.settleIn(tx, organizationId, [runId], stoppedBy)), {
      keepsAccess: true,
    });
  }

  /** Settles a batch of due runs of an organization. Returns true if more may be due. */
  settleDue(organizationId: string): Promise<boolean> {
    return this.db.transaction(async (tx) => (await this.settleIn(tx, organizationId, 'due')) === BATCH_SIZE, {
      keepsAccess: true,
    });
  }

  private async settleIn(
    tx: Tx,
    organizationId: string,
    which: readonly string[] | 'due',
    stoppedBy?: Actor,
  ): Promise<number> {
    const { now } = await this.ledger.lock(tx, organizationId);
    const runs = await this.store.lockRunning(tx, organizationId, which, BATCH_SIZE);
    if (runs.length === 0) return 0;
    const plans = runs.map((run) => planSettlement(factsOf(run), now, stoppedBy !== undefined));
    const outcomes = await this.ledger.executeAll(
      tx,
      organizationId,
      runs.map((run, index) => ({
        type: 'run_settle',
        ...usageOfRun(run),
        holdId: run.holdId,
        settled: run.settledSeconds,
        due: plans[index]?.due ?? 0,
        ahead: plans[index]?.ahead ?? 0,
        key: null,
        hash: '',
        actorId: null,
      })),
    );
    for (const [index, run] of runs.entries()) {
      const [plan, outcome] = [plans[index], outcomes[index]];
      if (!plan || !outcome) throw new Error('a run was not decided');
      await this.write(tx, run, applyDecision(factsOf(run), plan, outcome.body as unknown as RunDecision), stoppedBy);
    }
    return runs.length;
  }

  private async write(
    tx: Tx,
    run: RunWithContext,
    settled: ReturnType<typeof applyDecision>,
    stoppedBy: Actor | undefined,
  ): Promise<void> {
    if (!(await this.store.settle(tx, run, settled))) throw new Error(`run ${run.id} was settled concurrently`);
    if (!settled.stopped) return;
    const { at, reason } = settled.stopped;
    await this.events.record(
      tx,
      { kind: 'organization', id: run.organizationId },
      {
        type: 'run.stopped',
        actor: (reason === 'stopped' && stoppedBy) || systemActor('runs'),
        subject: { type: 'run', id: run.id },
        after: {
          reason,
          stoppedAt: new Date(at).toISOString(),
          seconds: settled.seconds,
          charged: toCredits(costOf(BigInt(run.rate), settled.seconds)),
          clusterId: run.clusterId,
          unitId: run.unitId,
        },
      },
    );
  }
}
