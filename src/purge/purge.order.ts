export type PurgeKind = 'organization' | 'unit';

/** A table with rows that go with an organization. */
export interface OwnedTable {
  name: string;
  /** The column that names the organization. */
  organization: 'organization_id' | 'id';
  /** The column that names the unit; null when no row of the table belongs to one unit. */
  unit: 'unit_id' | 'id' | null;
  /** What follows the organization in the primary key: rows are removed along it, in ranges. */
  key: readonly string[];
  /** Rows that one statement removes at most: so few that nobody else notices. */
  batchRows: number;
}

const BATCH_ROWS = 2_000;
/** Where each row makes the database look into tables that refer to it. */
const REFERRED_BATCH_ROWS = 500;
/** Half a MiB each. */
const LOGO_BATCH_ROWS = 20;

const owned = (name: string, unit: OwnedTable['unit'], key: readonly string[], batchRows = BATCH_ROWS): OwnedTable => ({
  name,
  organization: 'organization_id',
  unit,
  key,
  batchRows,
});

/**
 * Everything an organization owns, children first and itself last. A new table with an `organization_id` goes in here,
 * before what it refers to.
 */
const ORDER: readonly OwnedTable[] = [
  owned('unit_variables', 'unit_id', ['unit_id', 'key']),
  owned('unit_settings', 'unit_id', ['unit_id', 'kind']),
  owned('unit_members', 'unit_id', ['unit_id', 'user_id']),
  owned('organization_logos', 'unit_id', ['id'], LOGO_BATCH_ROWS),
  owned('units', 'id', ['id'], REFERRED_BATCH_ROWS),
  owned('run_limits', null, ['scope', 'subject_id']),
  owned('runs', null, ['id']),
  owned('cluster_organizations', null, ['cluster_id']),
  owned('subscription_periods', null, ['period_start']),
  owned('subscriptions', null, []),
  owned('credit_alerts', null, ['id']),
  owned('credit_crossings', null, ['seq', 'line']),
  owned('auto_top_ups', null, []),
  owned('payment_methods', null, ['id']),
  owned('sandbox_payments', null, ['id']),
  owned('top_ups', null, ['id']),
  owned('credit_days', null, ['level', 'day', 'type', 'kind', 'unit_id', 'member_id', 'cluster_id']),
  owned('credit_rollups', null, []),
  owned('credit_usage', null, ['scope', 'subject_id', 'period', 'window_start']),
  owned('credit_limits', null, ['scope', 'subject_id', 'period']),
  owned('credit_adjustments', null, ['id']),
  owned('credit_refunds', null, ['charge_id']),
  owned('credit_holds', null, ['id']),
  owned('credit_lots', null, ['id']),
  owned('credit_keys', null, ['key']),
  owned('credit_entries', null, ['seq']),
  owned('credit_accounts', null, []),
  owned('organization_variables', null, ['key']),
  owned('organization_settings', null, ['kind']),
  owned('organization_invitations', null, ['id']),
  owned('organization_access_rules', null, ['id']),
  owned('organization_api_keys', null, ['id']),
  owned('session_claims', null, ['session_id']),
  owned('sso_identities', null, ['connection_id', 'subject']),
  owned('sso_connections', null, ['id']),
  owned('organization_domains', null, ['id']),
  owned('verified_domains', null, ['domain']),
  owned('scim_group_members', null, ['group_id', 'user_id']),
  owned('scim_groups', null, ['id'], REFERRED_BATCH_ROWS),
  owned('scim_users', null, ['user_id']),
  owned('scim_settings', null, []),
  owned('deactivated_members', null, ['user_id']),
  owned('organization_roles', null, ['id']),
  owned('organization_members', null, ['user_id'], REFERRED_BATCH_ROWS),
  owned('organization_events', null, ['seq']),
  owned('organization_event_chains', null, []),
  { name: 'organizations', organization: 'id', unit: null, key: [], batchRows: 1 },
];

const ORDER_IN_UNIT = ORDER.filter((table) => table.unit !== null);

/** The order of deletion. The last table holds the row of the organization or the unit itself. */
export const deletionOrder = (kind: PurgeKind): readonly OwnedTable[] =>
  kind === 'organization' ? ORDER : ORDER_IN_UNIT;
