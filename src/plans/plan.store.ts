import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, refusingOn, type Tx } from '../database/index.js';
import { containing, type Page, Pager, Where } from '../common/pagination/index.js';
import type { PlanQuery } from './plan.dto.js';
import { Plan } from './plan.entity.js';
import { planErrors } from './plan.errors.js';

/** The editable part of a plan. */
export type PlanFields = Pick<
  Plan,
  | 'name'
  | 'description'
  | 'seatLimit'
  | 'unitLimit'
  | 'monthlyCredits'
  | 'priceMinor'
  | 'currency'
  | 'trialDays'
  | 'isDefault'
  | 'selfService'
>;

const REFUSALS = { plans_operator_id_name_key: () => planErrors.name_taken() };

const valuesOf = (fields: PlanFields): unknown[] => [
  fields.name,
  fields.description,
  fields.seatLimit,
  fields.unitLimit,
  fields.monthlyCredits,
  fields.priceMinor,
  fields.currency,
  fields.trialDays,
  fields.isDefault,
  fields.selfService,
];

@Injectable()
export class PlanStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, operatorId: string, id: string, fields: PlanFields): Promise<void> {
    await refusingOn(REFUSALS, () =>
      tx.execute(
        `insert into plans (operator_id, id, name, description, seat_limit, unit_limit, monthly_credits, price_minor,
           currency, trial_days, is_default, self_service, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now())`,
        [operatorId, id, ...valuesOf(fields)],
      ),
    );
  }

  async update(tx: Tx, id: string, fields: PlanFields): Promise<void> {
    await refusingOn(REFUSALS, () =>
      tx.execute(
        `update plans set name = $2, description = $3, seat_limit = $4, unit_limit = $5, monthly_credits = $6,
           price_minor = $7, currency = $8, trial_days = $9, is_default = $10, self_service = $11, updated_at = now(),
           version = version + 1
         where id = $1`,
        [id, ...valuesOf(fields)],
      ),
    );
  }

  async dropDefault(tx: Tx, operatorId: string): Promise<void> {
    await tx.execute(
      `update plans set is_default = false, updated_at = now(), version = version + 1 where operator_id = $1 and is_default`,
      [operatorId],
    );
  }

  /** Removes the plan. Fails by a foreign key if anything refers to it. */
  async remove(tx: Tx, id: string): Promise<void> {
    await tx.execute('delete from plans where id = $1', [id]);
  }

  async archive(tx: Tx, id: string): Promise<void> {
    await tx.execute(
      `update plans set archived_at = now(), is_default = false, updated_at = now(), version = version + 1
       where id = $1 and archived_at is null`,
      [id],
    );
  }

  find(reader: Reader, operatorId: string, id: string): Promise<Plan | null> {
    return reader.maybe<Plan>(
      `select ${columnsOf(reader, Plan, 'p')} from plans p where p.operator_id = $1 and p.id = $2`,
      [operatorId, id],
    );
  }

  findById(reader: Reader, id: string): Promise<Plan | null> {
    return reader.maybe<Plan>(`select ${columnsOf(reader, Plan, 'p')} from plans p where p.id = $1`, [id]);
  }

  findDefault(reader: Reader, operatorId: string): Promise<Plan | null> {
    return reader.maybe<Plan>(
      `select ${columnsOf(reader, Plan, 'p')} from plans p where p.operator_id = $1 and p.is_default`,
      [operatorId],
    );
  }

  async lock(tx: Tx, operatorId: string, id: string): Promise<Plan | null> {
    await tx.execute('select 1 from plans where operator_id = $1 and id = $2 for no key update', [operatorId, id]);
    return this.find(tx, operatorId, id);
  }

  async countOpen(tx: Tx, operatorId: string): Promise<number> {
    const row = await tx.one<{ count: number }>(
      'select count(*)::int from plans where operator_id = $1 and archived_at is null',
      [operatorId],
    );
    return row.count;
  }

  page(reader: Reader, operatorId: string, query: PlanQuery, selfService?: true): Promise<Page<Plan>> {
    return this.pager.page(
      reader,
      {
        name: 'plans',
        columns: columnsOf(reader, Plan, 'p'),
        from: 'plans p',
        sorts: {
          name: { sql: 'p.name', type: 'name' },
          createdAt: { sql: 'p.created_at', type: 'timestamptz' },
        },
        tieBreaker: { sql: 'p.id', type: 'uuid' },
      },
      new Where()
        .add('p.operator_id = ?', operatorId)
        .add(query.archived ? 'p.archived_at is not null' : 'p.archived_at is null')
        .when('p.self_service = ?', selfService)
        .when('p.name ilike ?', query.q && containing(query.q)),
      query,
    );
  }
}
