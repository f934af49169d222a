import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx, isNotDelayed } from '../../database/index.js';
import { type Page, Pager, Where } from '../../common/pagination/index.js';
import type { NewRun, RunQuery } from './run.dto.js';
import { Run } from './run.entity.js';
import type { SettledRun } from './settlement-plan.js';

/** The runs that a caller may see. */
export interface RunViewer {
  /** Limits the runs to those of one user or API key. */
  onlyOf: string | null;
  onlyUnits: readonly string[] | null;
}

/** A run with the times of the conditions that end it. */
export type RunWithContext = Run & {
  deletedAt: Date | null;
  suspendedAt: Date | null;
  accessRemovedAt: Date | null;
  due: boolean;
};

/** Joins everything whose state can end a run. A unit without a row was deleted before. */
const CONTEXT_JOINS = `join organizations o on o.id = r.organization_id
  join clusters c on c.id = r.cluster_id
  left join units u on u.organization_id = r.organization_id and u.id = r.unit_id
  left join cluster_organizations a on a.organization_id = r.organization_id and a.cluster_id = r.cluster_id
  left join credit_accounts b on b.organization_id = r.organization_id`;

const DELETED = `least(o.deleted_at, case when u.id is null then r.checked_at else u.deleted_at end)`;
const SUSPENDED = 'least(o.suspended_at, u.suspended_at, b.frozen_at)';
const REMOVED = 'least(c.archived_at, case when a.cluster_id is null then r.checked_at else a.removed_at end)';
const ENDED = `(${DELETED} is not null or ${SUSPENDED} is not null or ${REMOVED} is not null)`;

const DUE = `(r.next_at <= clock_timestamp() or ${ENDED})`;

const columnsWithContext = (reader: Reader): string =>
  `${columnsOf(reader, Run, 'r')}, ${DELETED} as "deletedAt", ${SUSPENDED} as "suspendedAt", ${REMOVED} as "accessRemovedAt", ${DUE} as due`;

const date = (at: number): Date => new Date(at);

@Injectable()
export class RunStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, run: NewRun, settled: SettledRun, startedAt: string): Promise<void> {
    await tx.execute(
      `insert into runs (organization_id, id, cluster_id, preset, unit_id, member_id, api_key_id, name, metadata, rate,
         heartbeat_timeout_seconds, started_at, heartbeat_at, deadline_at, settled_seconds, charged, covered_seconds, hold_id,
         checked_at, next_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, 0, 0, $14, $15, $12, $16)`,
      [
        run.organizationId,
        run.id,
        run.clusterId,
        run.preset,
        run.unitId,
        run.memberId,
        run.apiKeyId,
        run.name,
        run.metadata && JSON.stringify(run.metadata),
        run.rate,
        run.heartbeatTimeoutSeconds,
        startedAt,
        date(settled.deadlineAt),
        settled.covered,
        settled.holdId,
        date(settled.nextAt),
      ],
    );
  }

  /**
   * Writes a settlement. Returns false if the run was settled concurrently. The database calculates the charge from the
   * seconds.
   */
  async settle(tx: Tx, run: Run, settled: SettledRun): Promise<boolean> {
    const count = await tx.execute(
      `update runs set settled_seconds = $4::int, charged = ceil(rate::numeric * $4::int / 3600), covered_seconds = $5, hold_id = $6,
         deadline_at = greatest(deadline_at, $7), checked_at = $8, next_at = $9, stopped_at = $10, stop_reason = $11,
         version = version + 1
       where organization_id = $1 and id = $2 and settled_seconds = $3 and stopped_at is null returning id`,
      [
        run.organizationId,
        run.id,
        run.settledSeconds,
        settled.seconds,
        settled.covered,
        settled.holdId,
        date(settled.deadlineAt),
        date(settled.checkedAt),
        date(settled.nextAt),
        settled.stopped && date(settled.stopped.at),
        settled.stopped?.reason ?? null,
      ],
    );
    return count > 0;
  }

  /** Records a heartbeat of a running run. Never moves the last heartbeat back. */
  async recordHeartbeat(tx: Tx, organizationId: string, id: string): Promise<void> {
    await tx.execute(
      `update runs set heartbeat_at = greatest(heartbeat_at, t.now),
         deadline_at = greatest(deadline_at, t.now + heartbeat_timeout_seconds * interval '1 second')
       from (select date_trunc('milliseconds', clock_timestamp()) as now) t
       where organization_id = $1 and id = $2 and stopped_at is null`,
      [organizationId, id],
    );
  }

  find(reader: Reader, organizationId: string, id: string): Promise<RunWithContext | null> {
    return reader.maybe<RunWithContext>(
      `select ${columnsWithContext(reader)} from runs r ${CONTEXT_JOINS} where r.organization_id = $1 and r.id = $2`,
      [organizationId, id],
    );
  }

  /** Locks running runs until `tx` ends, either the given ones or those that are due. Requires the lock on the account. */
  async lockRunning(
    tx: Tx,
    organizationId: string,
    which: readonly string[] | 'due',
    limit = 1,
  ): Promise<RunWithContext[]> {
    const rows = await tx.rows<{ id: string }>(
      `select r.id from runs r ${CONTEXT_JOINS} where r.organization_id = $1 and r.stopped_at is null
         and ${which === 'due' ? `${DUE} and $2::uuid[] is null` : 'r.id = any ($2::uuid[])'}
       order by r.id limit $3 for update of r`,
      [organizationId, which === 'due' ? null : which, limit],
    );
    return tx.rows<RunWithContext>(
      `select ${columnsWithContext(tx)} from runs r ${CONTEXT_JOINS}
       where r.organization_id = $1 and r.id = any ($2::uuid[]) and r.stopped_at is null order by r.id`,
      [organizationId, rows.map(({ id }) => id)],
    );
  }

  /** Finds organizations with due runs, without locking. */
  async findDue(reader: Reader, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select r.organization_id as id from runs r ${CONTEXT_JOINS}
       where r.stopped_at is null and o.purge_started_at is null and ${DUE}
         and ${isNotDelayed('RunJob', 'r.organization_id')}
       group by r.organization_id order by min(r.next_at) limit $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  async countRunning(reader: Reader, organizationId: string): Promise<number> {
    const row = await reader.one<{ count: number }>(
      'select count(*)::int from runs where organization_id = $1 and stopped_at is null',
      [organizationId],
    );
    return row.count;
  }

  /** Finds the reached limits on concurrent runs, broadest first. Requires the lock on the account. */
  findReachedLimits(
    tx: Tx,
    organizationId: string,
    subjects: { unitId: string; memberId: string | null; apiKeyId: string | null },
  ): Promise<{ scope: string; subjectId: string; running: number }[]> {
    return tx.rows(
      `select s.scope, s.subject_id as "subjectId", l.running
       from (values (1, 'organization', $1::uuid), (2, 'unit', $2::uuid), (3, 'member', $3::uuid), (4, 'api_key', $4::uuid))
         as s (rank, scope, subject_id)
       cross join lateral (
         select q.running from run_limits q where q.organization_id = $1 and ((q.scope = s.scope and q.subject_id = s.subject_id)
           or (s.scope = 'member' and q.scope = 'member_default'))
         order by q.scope = 'member_default' limit 1) l
       where s.subject_id is not null and l.running <= (
         select count(*) from runs r where r.organization_id = $1 and r.stopped_at is null and case s.scope
           when 'unit' then r.unit_id = s.subject_id when 'member' then r.member_id = s.subject_id
           when 'api_key' then r.api_key_id = s.subject_id else true end)
       order by s.rank`,
      [organizationId, subjects.unitId, subjects.memberId, subjects.apiKeyId],
    );
  }

  page(reader: Reader, organizationId: string, viewer: RunViewer, query: RunQuery): Promise<Page<Run>> {
    const where = new Where().add('r.organization_id = ?', organizationId);
    if (query.state) where.add(`r.stopped_at is ${query.state === 'running' ? 'null' : 'not null'}`);
    where
      .when('(r.member_id = ? or r.api_key_id = ?)', viewer.onlyOf ?? undefined)
      .when('r.unit_id = any (?::uuid[])', viewer.onlyUnits ?? undefined)
      .when('r.cluster_id = ?', query.clusterId)
      .when('r.unit_id = ?', query.unitId)
      .when('r.member_id = ?', query.memberId);
    return this.pager.page(
      reader,
      {
        name: 'runs',
        columns: columnsOf(reader, Run, 'r'),
        from: 'runs r',
        sorts: { startedAt: { sql: 'r.started_at', type: 'timestamptz' } },
        defaultSort: '-startedAt',
        tieBreaker: { sql: 'r.id', type: 'uuid' },
      },
      where,
      query,
    );
  }
}
