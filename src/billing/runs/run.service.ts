import { Injectable } from '@nestjs/common';
import { callerIdOf, type OrganizationAccess } from '../../common/access/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { newId } from '../../common/ids/index.js';
import type { Page } from '../../common/pagination/index.js';
import { jsonFault } from '../../common/validation/index.js';
import { ClusterAccessService, clusterErrors } from '../../clusters/index.js';
import { EventService } from '../../events/index.js';
import {
  hashOf,
  isRefusal,
  LedgerService,
  type CommandResult,
  type RunStartCommand,
  usageOf,
  findStored,
} from '../ledger/index.js';
import {
  DEFAULT_TIMEOUT_SECONDS,
  type HeartbeatView,
  type NewRun,
  type RunQuery,
  type RunView,
  type StartRun,
  toHeartbeatView,
  toNewRunView,
  toRunView,
} from './run.dto.js';
import { runErrors } from './run.errors.js';
import { RunSettlementService, usageOfRun } from './run-settlement.service.js';
import { RunStore, type RunViewer, type RunWithContext } from './run.store.js';
import { planSettlement, applyDecision } from './settlement-plan.js';

/** Rolls back the transaction of a preview. */
class Preview extends Error {
  constructor(readonly outcome: CommandResult) {
    super('preview');
  }
}

/** Limits the runs that the caller sees: users see their own, and API keys for certain units see the runs there. */
const viewerOf = (access: OrganizationAccess, all: 'runs:readAll' | 'runs:stopAll'): RunViewer => ({
  onlyOf: access.actor.type === 'api_key' || access.permissions.has(all) ? null : callerIdOf(access.actor),
  onlyUnits: access.onlyUnitIds ?? null,
});

const isVisibleTo = ({ onlyOf, onlyUnits }: RunViewer, { memberId, apiKeyId, unitId }: RunWithContext): boolean =>
  (onlyOf === null || memberId === onlyOf || apiKeyId === onlyOf) && (onlyUnits === null || onlyUnits.includes(unitId));

/** Starts, lists and stops runs. */
@Injectable()
export class RunService {
  constructor(
    private readonly db: Database,
    private readonly store: RunStore,
    private readonly settlement: RunSettlementService,
    private readonly ledger: LedgerService,
    private readonly clusters: ClusterAccessService,
    private readonly events: EventService,
  ) {}

  /**
   * Starts a run once per key. Without a key, previews the start and changes nothing. A refusal of the ledger is part of the
   * result and is stored for the key.
   */
  async start(access: OrganizationAccess, input: StartRun, key: string | null): Promise<CommandResult> {
    const fault = jsonFault(input.metadata);
    if (fault) throw commonErrors.validation_failed({ errors: [{ field: 'metadata', message: `metadata ${fault}` }] });
    try {
      return await this.db.transaction(
        async (tx) => {
          const outcome = await this.startInTransaction(tx, access, input, key);
          if (key === null) throw new Preview(outcome);
          return outcome;
        },
        { keepsAccess: true },
      );
    } catch (error) {
      if (!(error instanceof Preview)) throw error;
      const { outcome } = error;
      return isRefusal(outcome) ? outcome : { ...outcome, status: 200, body: { ...outcome.body, dryRun: true } };
    }
  }

  async list(access: OrganizationAccess, query: RunQuery): Promise<Page<RunView>> {
    const viewer = viewerOf(access, 'runs:readAll');
    const page = await this.store.page(this.db.reader, access.organizationId, viewer, query);
    return { ...page, items: page.items.map(toRunView) };
  }

  async view(access: OrganizationAccess, id: string): Promise<RunView> {
    return toRunView(await this.find(access, id, 'runs:readAll'));
  }

  /** Records a heartbeat and returns whether the workload must stop. */
  async heartbeat(access: OrganizationAccess, id: string): Promise<HeartbeatView> {
    const { organizationId } = access;
    const known = await this.find(access, id, 'runs:stopAll');
    if (known.stoppedAt) return toHeartbeatView(known);
    await this.db.transaction((tx) => this.store.recordHeartbeat(tx, organizationId, id), { keepsAccess: true });
    if (known.due) await this.settlement.settle(organizationId, id);
    return toHeartbeatView(await this.find(access, id, 'runs:stopAll'));
  }

  /** Stops a run. Stopping a stopped run changes nothing. */
  async stop(access: OrganizationAccess, id: string): Promise<RunView> {
    const known = await this.find(access, id, 'runs:stopAll');
    if (known.stoppedAt) return toRunView(known);
    await this.settlement.settle(access.organizationId, id, access.actor);
    return toRunView(await this.find(access, id, 'runs:stopAll'));
  }

  countRunning(organizationId: string): Promise<number> {
    return this.store.countRunning(this.db.reader, organizationId);
  }

  /** Tells whether a run belongs to a unit. */
  async isOfUnit(reader: Reader, organizationId: string, unitId: string, id: string): Promise<boolean> {
    const run = await this.store.find(reader, organizationId, id);
    return run?.unitId === unitId;
  }

  private async startInTransaction(
    tx: Tx,
    access: OrganizationAccess,
    input: StartRun,
    key: string | null,
  ): Promise<CommandResult> {
    const { organizationId, actor } = access;
    const { clusterId, preset, unitId, memberId = null, metadata = null } = input;
    const name = input.name || null;
    const heartbeatTimeoutSeconds = input.heartbeatTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    const request = { amount: 0n, unitId, memberId, kind: null, reference: null, detail: null };
    const usage = usageOf(access, request);
    const asked = [clusterId, preset, unitId, usage.memberId, usage.apiKeyId, name, metadata, heartbeatTimeoutSeconds];
    const keyed = { key, hash: key === null ? '' : hashOf('run', ...asked), actorId: callerIdOf(actor) };
    const run: NewRun = {
      organizationId,
      id: newId(),
      clusterId,
      preset,
      unitId,
      memberId: usage.memberId,
      apiKeyId: usage.apiKeyId,
      name,
      metadata,
      rate: '0',
      heartbeatTimeoutSeconds,
    };
    const command = (): RunStartCommand => ({
      ...usageOfRun(run),
      type: 'run_start',
      requiredUnitMember: usage.requiredUnitMember,
      verifyMember: usage.verifyMember,
      ahead: 0,
      run: { ...toNewRunView(run) },
      ...keyed,
    });
    const { now, keys } = await this.ledger.lock(tx, organizationId, [command()]);
    // A known key returns its stored result, even if the cluster has changed since.
    if (findStored(keys, command())) return this.ledger.execute(tx, organizationId, command());
    run.rate = await this.rateOf(tx, access, clusterId, preset);
    await this.assertQuota(tx, run);
    const facts = firstFacts(now, heartbeatTimeoutSeconds);
    const plan = planSettlement(facts, now);
    const outcome = await this.ledger.execute(tx, organizationId, { ...command(), ahead: plan.ahead });
    if (isRefusal(outcome)) return outcome;
    const view = outcome.body as unknown as RunView;
    const startedAt = Date.parse(view.startedAt);
    const covered = Math.round((Date.parse(view.coveredUntil) - startedAt) / 1000);
    const decision = { at: startedAt, seconds: 0, covered, holdId: view.holdId, blockedBy: null };
    const initial = applyDecision(
      firstFacts(startedAt, heartbeatTimeoutSeconds),
      { ...plan, now: startedAt },
      decision,
    );
    await this.store.insert(tx, run, initial, view.startedAt);
    await this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      {
        type: 'run.started',
        actor,
        subject: { type: 'run', id: run.id },
        after: { clusterId, preset, unitId, memberId: run.memberId, name, creditsPerHour: view.creditsPerHour },
      },
    );
    return outcome;
  }

  private async rateOf(tx: Tx, access: OrganizationAccess, clusterId: string, preset: string): Promise<string> {
    const { presets } = await this.clusters.share(tx, access.organizationId, clusterId);
    const found = presets.find(({ key }) => key === preset);
    if (!found) throw clusterErrors.preset_not_found();
    return found.creditsPerHour;
  }

  private async assertQuota(tx: Tx, run: NewRun): Promise<void> {
    const [reached] = await this.store.findReachedLimits(tx, run.organizationId, run);
    if (!reached) return;
    const { scope, subjectId, running } = reached;
    const blockedBy = scope === 'api_key' ? 'apiKey' : scope;
    throw runErrors.quota_exceeded({ data: { blockedBy, limit: { scope: blockedBy, id: subjectId, running } } });
  }

  private async find(
    access: OrganizationAccess,
    id: string,
    all: 'runs:readAll' | 'runs:stopAll',
  ): Promise<RunWithContext> {
    const run = await this.store.find(this.db.reader, access.organizationId, id);
    if (!run || !isVisibleTo(viewerOf(access, all), run)) throw runErrors.not_found();
    return run;
  }
}

const firstFacts = (at: number, timeoutSeconds: number) => ({
  startedAt: at,
  heartbeatAt: at,
  deadlineAt: at + timeoutSeconds * 1000,
  timeoutSeconds,
  checkedAt: at,
  settledSeconds: 0,
  deletedAt: null,
  suspendedAt: null,
  accessRemovedAt: null,
});
