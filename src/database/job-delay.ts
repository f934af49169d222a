/**
 * Returns the condition that leaves out what a job failed for and waits to try again, so that many that fail do not keep
 * others from their turn. `job` is the name of the class.
 */
export const isNotDelayed = (job: string, id: string): string =>
  `not exists (select 1 from job_failures f where f.job = '${job}' and f.id = ${id}::text and f.retry_at > now())`;
