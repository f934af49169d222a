import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../database/index.js';
import type { LimitWindow } from '../decisions/state.js';

export type StoredScope = 'organization' | 'unit' | 'member_default' | 'member' | 'api_key';

export interface StoredLimit {
  window: LimitWindow;
  amount: bigint;
}

@Injectable()
export class LimitStore {
  async find(reader: Reader, organizationId: string, scope: StoredScope, subjectId: string): Promise<StoredLimit[]> {
    const rows = await reader.rows<{ period: LimitWindow; amount: string }>(
      `select period, amount from credit_limits where organization_id = $1 and scope = $2 and subject_id = $3`,
      [organizationId, scope, subjectId],
    );
    return rows.map(({ period, amount }) => ({ window: period, amount: BigInt(amount) }));
  }

  async replace(
    tx: Tx,
    organizationId: string,
    scope: StoredScope,
    subjectId: string,
    limits: readonly StoredLimit[],
  ): Promise<void> {
    const subject = [organizationId, scope, subjectId];
    await tx.execute(
      'delete from credit_limits where organization_id = $1 and scope = $2 and subject_id = $3',
      subject,
    );
    await tx.execute(
      `insert into credit_limits (organization_id, scope, subject_id, period, amount)
       select $1, $2, $3, period, amount from unnest($4::text[], $5::bigint[]) as l (period, amount)`,
      [...subject, limits.map(({ window }) => window), limits.map(({ amount }) => String(amount))],
    );
  }

  /** Returns the most concurrent runs, or null for no limit. */
  async findRunning(
    reader: Reader,
    organizationId: string,
    scope: StoredScope,
    subjectId: string,
  ): Promise<number | null> {
    const row = await reader.maybe<{ running: number }>(
      'select running from run_limits where organization_id = $1 and scope = $2 and subject_id = $3',
      [organizationId, scope, subjectId],
    );
    return row?.running ?? null;
  }

  async replaceRunning(
    tx: Tx,
    organizationId: string,
    scope: StoredScope,
    subjectId: string,
    running: number | null,
  ): Promise<void> {
    const subject = [organizationId, scope, subjectId];
    await tx.execute('delete from run_limits where organization_id = $1 and scope = $2 and subject_id = $3', subject);
    if (running === null) return;
    await tx.execute('insert into run_limits (organization_id, scope, subject_id, running) values ($1, $2, $3, $4)', [
      ...subject,
      running,
    ]);
  }

  /**
   * Deletes the counters that a change affects. They are computed again from the entries when needed. Call it under the
   * account's lock.
   */
  async dropCounters(tx: Tx, organizationId: string, scope: StoredScope, subjectId: string): Promise<void> {
    // A default affects all members.
    const [counted, subject] = scope === 'member_default' ? ['member', null] : [scope, subjectId];
    await tx.execute(
      `delete from credit_usage where organization_id = $1 and ((scope = $2 and subject_id = coalesce($3, subject_id))
         or not exists (select 1 from credit_limits l where l.organization_id = $1))`,
      [organizationId, counted, subject],
    );
  }

  /** Tells whether the organization has the unit or member. */
  async hasSubject(reader: Reader, organizationId: string, scope: 'unit' | 'member', id: string): Promise<boolean> {
    const rows = await reader.rows<unknown>(
      scope === 'unit'
        ? 'select 1 from units where organization_id = $1 and id = $2'
        : 'select 1 from organization_members where organization_id = $1 and user_id = $2',
      [organizationId, id],
    );
    return rows.length > 0;
  }
}
