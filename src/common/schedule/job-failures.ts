/**
 * What a job works on: an organization, or something that belongs to one. With `operatorId`, a failure is told the operator
 * instead of the organization.
 */
export type JobItem = string | { id: string; organizationId?: string; operatorId?: string };

/** Remembers for which items jobs failed, so that they wait longer each time and do not keep others from their turn. */
export abstract class JobFailures {
  /** Stores a failure and delays the next attempt. Never throws. */
  abstract failed(job: string, item: JobItem, error: unknown): Promise<void>;
  /** Ends the delay of an item that failed before. Never throws. */
  abstract succeeded(job: string, item: JobItem): Promise<void>;
}
