import { Injectable, Logger } from '@nestjs/common';
import { systemActor } from '../common/access/index.js';
import { Metrics } from '../common/metrics/index.js';
import { JobFailures, type JobItem } from '../common/schedule/index.js';
import { Database, isLostConnection, type Tx } from '../database/index.js';
import { EventService } from './event.service.js';

const idOf = (item: JobItem): string => (typeof item === 'string' ? item : item.id);
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Long enough for what an operator searches for. */
const MAX_ERROR_LENGTH = 500;

/** Keeps the failures of jobs in the database, for all servers. The first one of an organization is an event in its log. */
@Injectable()
export class JobFailureService extends JobFailures {
  private readonly logger = new Logger('Jobs');
  /** What failed on this server, so that a success costs nothing otherwise. */
  private readonly known = new Set<string>();

  constructor(
    metrics: Metrics,
    private readonly db: Database,
    private readonly events: EventService,
  ) {
    super();
    const failing = metrics.gauge({
      name: 'job_failing',
      help: 'Organizations, or things that belong to them, for which a job failed and waits to try again.',
      labelNames: ['task'],
      collect: async () => {
        try {
          const rows = await this.db.reader.rows<{ job: string; count: number }>(
            'select job, count(*)::int as count from job_failures where retry_at > now() group by job',
          );
          failing.reset();
          for (const { job, count } of rows) failing.set({ task: job }, count);
        } catch (error) {
          failing.reset();
          this.logger.warn('Could not count the failures of jobs.', error);
        }
      },
    });
  }

  async failed(job: string, item: JobItem, error: unknown): Promise<void> {
    // A lost connection says nothing about the item, and hits whichever is at work. The next run tries it again.
    if (isLostConnection(error)) return;
    this.known.add(`${job} ${idOf(item)}`);
    try {
      const failures = await this.db.transaction((tx) => this.store(tx, job, item, error), { keepsAccess: true });
      if (failures === 1) await this.record(job, item);
    } catch (problem) {
      this.logger.error(`a failure of ${job} could not be recorded`, problem);
    }
  }

  async succeeded(job: string, item: JobItem): Promise<void> {
    if (!this.known.delete(`${job} ${idOf(item)}`)) return;
    try {
      await this.db.transaction(
        (tx) => tx.execute('delete from job_failures where job = $1 and id = $2', [job, idOf(item)]),
        { keepsAccess: true },
      );
    } catch (problem) {
      this.logger.error(`the end of a failure of ${job} could not be recorded`, problem);
    }
  }

  /** Returns the number of failures. The wait doubles from 10 seconds to an hour. What is not tried again is forgotten. */
  private async store(tx: Tx, job: string, item: JobItem, error: unknown): Promise<number> {
    await tx.execute(`delete from job_failures where retry_at < now() - interval '1 day'`, []);
    const row = await tx.one<{ failures: number }>(
      `insert into job_failures as f (job, id, failures, error, retry_at)
       values ($1, $2, 1, $3, now() + interval '10 seconds')
       on conflict (job, id) do update set failures = f.failures + 1, error = excluded.error,
         retry_at = now() + least(interval '1 hour', interval '10 seconds' * power(2, least(f.failures, 10)))
       returning failures`,
      [job, idOf(item), String(error).slice(0, MAX_ERROR_LENGTH)],
    );
    return row.failures;
  }

  private async record(job: string, item: JobItem): Promise<void> {
    const organizationId = typeof item === 'string' ? item : (item.organizationId ?? item.id);
    if (!UUID.test(organizationId)) return;
    await this.db.transaction(
      async (tx) => {
        const operatorId = typeof item === 'string' ? undefined : item.operatorId;
        const found =
          operatorId !== undefined ||
          (await tx.maybe('select 1 from organizations where id = $1 and purge_started_at is null', [organizationId]));
        if (!found) return;
        await this.events.record(
          tx,
          operatorId === undefined
            ? { kind: 'organization', id: organizationId }
            : { kind: 'operator', id: operatorId },
          {
            type: 'job.failed',
            actor: systemActor(),
            subject: { type: 'organization', id: organizationId },
            after: { job, item: idOf(item) },
          },
        );
      },
      { keepsAccess: true },
    );
  }
}
