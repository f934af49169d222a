import { Injectable } from '@nestjs/common';
import type { Access } from '../common/access/index.js';
import { Config } from '../common/config/index.js';
import { brokenConstraint, changesOf, Database, definedOnly, type Reader, type Tx } from '../database/index.js';
import { assertMatches, etagOf } from '../http/index.js';
import { newId } from '../common/ids/index.js';
import { toCredits, toMicro } from '../common/money/index.js';
import type { Page } from '../common/pagination/index.js';
import { EventService } from '../events/index.js';
import { OperatorService } from '../operators/index.js';
import { type CreatePlan, type PatchPlan, type PlanQuery, type PlanView, toPlanView } from './plan.dto.js';
import type { Plan } from './plan.entity.js';
import { planErrors } from './plan.errors.js';
import { type PlanFields, PlanStore } from './plan.store.js';

const MAX_PLANS = 100;

const fieldsOf = (plan: Plan): PlanFields => ({
  name: plan.name,
  description: plan.description,
  seatLimit: plan.seatLimit,
  unitLimit: plan.unitLimit,
  monthlyCredits: plan.monthlyCredits,
  priceMinor: plan.priceMinor,
  currency: plan.currency,
  trialDays: plan.trialDays,
  isDefault: plan.isDefault,
  selfService: plan.selfService,
});

const EMPTY: PlanFields = {
  name: '',
  description: null,
  seatLimit: null,
  unitLimit: null,
  monthlyCredits: '0',
  priceMinor: 0,
  currency: 'EUR',
  trialDays: 0,
  isDefault: false,
  selfService: true,
};

/** Merges the given fields into the current ones. */
function edited(before: PlanFields, { monthlyCredits, description, ...rest }: PatchPlan): PlanFields {
  return {
    ...before,
    ...definedOnly(rest),
    ...(monthlyCredits !== undefined && { monthlyCredits: String(toMicro(monthlyCredits)) }),
    ...(description !== undefined && { description: description || null }),
  };
}

/** Formats the fields for responses and events. */
const toEventPayload = (fields: Partial<PlanFields>): object => ({
  ...fields,
  ...(fields.monthlyCredits !== undefined && { monthlyCredits: toCredits(BigInt(fields.monthlyCredits)) }),
});

/** Manages the plans of an operator. Billing assigns them, and modules enforce their limits where they apply. */
@Injectable()
export class PlanService {
  constructor(
    private readonly db: Database,
    private readonly store: PlanStore,
    private readonly operators: OperatorService,
    private readonly events: EventService,
    private readonly config: Config,
  ) {}

  async list({ operator }: Access, query: PlanQuery): Promise<Page<PlanView>> {
    const page = await this.store.page(this.db.reader, operator.id, query);
    return { ...page, items: page.items.map(toPlanView) };
  }

  /** Lists the plans that an organization can choose itself. */
  async listSelfService({ operator }: Access, query: PlanQuery): Promise<Page<PlanView>> {
    const page = await this.store.page(this.db.reader, operator.id, { ...query, archived: false }, true);
    return { ...page, items: page.items.map(toPlanView) };
  }

  async view({ operator }: Access, id: string): Promise<PlanView> {
    const plan = await this.store.find(this.db.reader, operator.id, id);
    if (!plan) throw planErrors.not_found();
    return toPlanView(plan);
  }

  create(access: Access, input: CreatePlan): Promise<PlanView> {
    const operatorId = access.operator.id;
    return this.db.transaction(async (tx) => {
      await this.operators.lock(tx, operatorId);
      if ((await this.store.countOpen(tx, operatorId)) >= MAX_PLANS) throw planErrors.limit_reached();
      const fields = edited(EMPTY, input);
      this.assertMaySetCredits(access, fields);
      const id = newId();
      if (fields.isDefault) await this.store.dropDefault(tx, operatorId);
      await this.store.insert(tx, operatorId, id, fields);
      await this.events.recordBy(tx, access, 'plan.created', id, { after: toEventPayload(fields) });
      return toPlanView(await this.get(tx, operatorId, id));
    });
  }

  patch(access: Access, id: string, input: PatchPlan, ifMatch: string | undefined): Promise<PlanView> {
    const operatorId = access.operator.id;
    return this.db.transaction(async (tx) => {
      await this.operators.lock(tx, operatorId);
      const plan = await this.lock(tx, operatorId, id);
      assertMatches(ifMatch, etagOf(plan.version));
      if (plan.archivedAt) throw planErrors.archived();
      const fields = edited(fieldsOf(plan), input);
      const changes = changesOf(fieldsOf(plan), fields);
      if (!changes) return toPlanView(plan);
      this.assertMaySetCredits(access, changes.after);
      if (changes.after.isDefault) await this.store.dropDefault(tx, operatorId);
      await this.store.update(tx, id, fields);
      await this.events.recordBy(tx, access, 'plan.updated', id, {
        before: toEventPayload(changes.before),
        after: toEventPayload(changes.after),
      });
      return toPlanView(await this.get(tx, operatorId, id));
    });
  }

  /** Keeps what an API key creates within the limit above which two people decide, because a plan grants credits by itself. */
  private assertMaySetCredits({ actor }: Access, { monthlyCredits }: Partial<PlanFields>): void {
    if (actor.type !== 'api_key' || monthlyCredits === undefined) return;
    if (BigInt(monthlyCredits) > toMicro(String(this.config.adjustmentLimit))) throw planErrors.credits_need_person();
  }

  /** Removes the plan, or archives it if an organization has or had it. */
  async delete(access: Access, id: string): Promise<void> {
    try {
      await this.end(access, id, (tx) => this.store.remove(tx, id));
    } catch (error) {
      // Only the database knows what refers to the plan.
      if (brokenConstraint(error) === null) throw error;
      await this.end(access, id, (tx) => this.store.archive(tx, id));
    }
  }

  findDefault(reader: Reader, operatorId: string): Promise<Plan | null> {
    return this.store.findDefault(reader, operatorId);
  }

  async get(reader: Reader, operatorId: string, id: string): Promise<Plan> {
    const plan = await this.store.find(reader, operatorId, id);
    if (!plan) throw planErrors.not_found();
    return plan;
  }

  async getById(reader: Reader, id: string): Promise<Plan> {
    const plan = await this.store.findById(reader, id);
    if (!plan) throw planErrors.not_found();
    return plan;
  }

  private end(access: Access, id: string, how: (tx: Tx) => Promise<void>): Promise<void> {
    return this.db.transaction(async (tx) => {
      const plan = await this.lock(tx, access.operator.id, id);
      if (plan.archivedAt) return;
      await how(tx);
      await this.events.recordBy(tx, access, 'plan.deleted', id, { before: toEventPayload(fieldsOf(plan)) });
    });
  }

  private async lock(tx: Tx, operatorId: string, id: string): Promise<Plan> {
    const plan = await this.store.lock(tx, operatorId, id);
    if (!plan) throw planErrors.not_found();
    return plan;
  }
}
