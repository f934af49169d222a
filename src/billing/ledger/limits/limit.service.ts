import { Injectable } from '@nestjs/common';
import { memberErrors, type OrganizationAccess } from '../../../common/access/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { toMicro } from '../../../common/money/index.js';
import { EventService } from '../../../events/index.js';
import { unitErrors } from '../../../units/index.js';
import type { ChargeCommand } from '../decisions/command.js';
import { LedgerService } from '../ledger.service.js';
import type { Limit, LimitScope } from '../decisions/state.js';
import {
  type LimitInput,
  type SubjectLimitsInput,
  type LimitsView,
  type OrganizationLimitsInput,
  type OrganizationLimitsView,
  toLimitInputs,
  toLimitViews,
} from './limit.dto.js';
import { LimitStore, type StoredLimit, type StoredScope } from './limit.store.js';

/** Subject of limits. For the organization, `id` is its own id. */
export interface LimitSubject {
  scope: LimitScope;
  id: string;
}

const FIELD = { unit: 'unitId', member: 'memberId', api_key: 'apiKeyId' } as const;

function toStored(limits: readonly LimitInput[], field: string): StoredLimit[] {
  const windows = new Set(limits.map(({ window }) => window));
  if (windows.size < limits.length) {
    throw commonErrors.validation_failed({ errors: [{ field, message: `${field} must not contain a window twice` }] });
  }
  return limits.map(({ window, amount }) => ({ window, amount: toMicro(amount) }));
}

/** Manages limits. Lowering one takes nothing back and blocks future usage. */
@Injectable()
export class LimitService {
  constructor(
    private readonly db: Database,
    private readonly ledger: LedgerService,
    private readonly store: LimitStore,
    private readonly events: EventService,
  ) {}

  async viewOrganization(access: OrganizationAccess): Promise<OrganizationLimitsView> {
    const { reader } = this.db;
    const { organizationId } = access;
    const own = await this.view(access, { scope: 'organization', id: organizationId });
    const defaults = await this.store.find(reader, organizationId, 'member_default', organizationId);
    const memberRunningRuns = await this.store.findRunning(reader, organizationId, 'member_default', organizationId);
    return { ...own, memberDefaults: toLimitInputs(defaults), memberRunningRuns };
  }

  async viewSubject(access: OrganizationAccess, subject: LimitSubject): Promise<LimitsView> {
    await this.assertSubjectExists(this.db.reader, access.organizationId, subject);
    return this.view(access, subject);
  }

  async setOrganization(access: OrganizationAccess, input: OrganizationLimitsInput): Promise<OrganizationLimitsView> {
    const { organizationId } = access;
    const limits = toStored(input.limits, 'limits');
    const memberDefaults = input.memberDefaults && toStored(input.memberDefaults, 'memberDefaults');
    await this.db.transaction(async (tx) => {
      await this.ledger.lock(tx, organizationId);
      await this.replace(tx, access, 'organization', organizationId, limits);
      if (memberDefaults) await this.replace(tx, access, 'member_default', organizationId, memberDefaults);
      await this.replaceRunning(tx, access, 'organization', organizationId, input.runningRuns);
      await this.replaceRunning(tx, access, 'member_default', organizationId, input.memberRunningRuns);
    });
    return this.viewOrganization(access);
  }

  async setSubject(access: OrganizationAccess, subject: LimitSubject, input: SubjectLimitsInput): Promise<LimitsView> {
    const { organizationId } = access;
    const limits = toStored(input.limits, 'limits');
    await this.db.transaction(async (tx) => {
      await this.ledger.lock(tx, organizationId);
      await this.assertSubjectExists(tx, organizationId, subject);
      await this.replace(tx, access, subject.scope, subject.id, limits);
      await this.replaceRunning(tx, access, subject.scope, subject.id, input.runningRuns);
    });
    return this.view(access, subject);
  }

  private async replace(
    tx: Tx,
    access: OrganizationAccess,
    scope: StoredScope,
    id: string,
    limits: readonly StoredLimit[],
  ): Promise<void> {
    const { organizationId } = access;
    const before = toLimitInputs(await this.store.find(tx, organizationId, scope, id));
    const after = toLimitInputs(limits);
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    await this.store.replace(tx, organizationId, scope, id, limits);
    await this.store.dropCounters(tx, organizationId, scope, id);
    await this.record(tx, access, scope, id, { before: { limits: before }, after: { limits: after } });
  }

  private async replaceRunning(
    tx: Tx,
    access: OrganizationAccess,
    scope: StoredScope,
    id: string,
    running: number | null | undefined,
  ): Promise<void> {
    if (running === undefined) return;
    const { organizationId } = access;
    const before = await this.store.findRunning(tx, organizationId, scope, id);
    if (before === running) return;
    await this.store.replaceRunning(tx, organizationId, scope, id, running);
    const changes = { before: { runningRuns: before }, after: { runningRuns: running } };
    await this.record(tx, access, scope, id, changes);
  }

  private record(
    tx: Tx,
    { organizationId, actor }: OrganizationAccess,
    scope: StoredScope,
    id: string,
    changes: { before: object; after: object },
  ): Promise<void> {
    const subject = { type: scope, id };
    return this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      { type: 'credits.limits_changed', actor, subject, ...changes },
    );
  }

  /** Reads the limits like a charge of the subject does. */
  private async view(
    { organizationId, operator }: OrganizationAccess,
    { scope, id }: LimitSubject,
  ): Promise<LimitsView> {
    const noSubject = { unitId: null, memberId: null, apiKeyId: null };
    const probe: ChargeCommand = {
      type: 'charge',
      amount: 0n,
      ...noSubject,
      ...(scope !== 'organization' && { [FIELD[scope]]: id }),
      requiredUnitMember: null,
      verifyMember: false,
      kind: null,
      reference: null,
      detail: null,
      key: null,
      hash: '',
      actorId: null,
    };
    const state = await this.ledger.read(organizationId, [probe]);
    const own = (limit: Limit): boolean => limit.scope === scope && limit.subjectId === id;
    const { reader } = this.db;
    const running =
      (await this.store.findRunning(reader, organizationId, scope, id)) ??
      (scope === 'member'
        ? await this.store.findRunning(reader, organizationId, 'member_default', organizationId)
        : null);
    const limits = state ? toLimitViews(state.limits.filter(own), state.now, state.timeZone) : [];
    return { limits, timeZone: operator.timeZone, runningRuns: running };
  }

  /** Rejects unknown units and members. API keys are not checked. */
  private async assertSubjectExists(
    reader: Reader,
    organizationId: string,
    { scope, id }: LimitSubject,
  ): Promise<void> {
    if (scope !== 'unit' && scope !== 'member') return;
    if (await this.store.hasSubject(reader, organizationId, scope, id)) return;
    throw scope === 'unit' ? unitErrors.not_found() : memberErrors.not_found();
  }
}
