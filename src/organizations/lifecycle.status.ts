export const LIFECYCLE_STATUSES = ['active', 'suspended', 'pending_deletion'] as const;
export type LifecycleStatus = (typeof LIFECYCLE_STATUSES)[number];

interface Lifecycle {
  suspendedAt: Date | null;
  deletedAt: Date | null;
}

/** Computes the state of an organization or unit from its instants. */
export const lifecycleStatus = ({ suspendedAt, deletedAt }: Lifecycle): LifecycleStatus =>
  deletedAt ? 'pending_deletion' : suspendedAt ? 'suspended' : 'active';

/** Builds the condition for a state, in a form that the partial indexes serve. */
export const inLifecycleStatus = (alias: string, status: LifecycleStatus): string =>
  ({
    active: `${alias}.deleted_at is null and ${alias}.suspended_at is null`,
    suspended: `${alias}.deleted_at is null and ${alias}.suspended_at is not null`,
    pending_deletion: `${alias}.deleted_at is not null`,
  })[status];

/** Builds the state as a column. */
export const lifecycleStatusSql = (alias: string): string =>
  `case when ${alias}.deleted_at is not null then 'pending_deletion' when ${alias}.suspended_at is not null then 'suspended' else 'active' end`;

/**
 * Computes when the purge is due: seven calendar days after the deletion, at the same local time in the operator's zone,
 * so that a day with 23 or 25 hours counts as one. It is computed from `deleted_at` and never stored.
 */
export const purgeAtSql = (alias: string, operatorAlias: string): string =>
  `((${alias}.deleted_at at time zone ${operatorAlias}.time_zone) + interval '7 days') at time zone ${operatorAlias}.time_zone`;
