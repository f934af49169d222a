export type PurgeKind = 'organization' | 'unit';

/** A table with rows that belong to an organization. */
export interface OwnedTable {
  name: string;
  /** The column with the organization's id. */
  organization: 'organization_id' | 'id';
  /** The column with the unit's id. Null if rows do not belong to a unit. */
  unit: 'unit_id' | 'id' | null;
  /** The rest of the primary key after the organization. Rows are removed in ranges of it. */
  key: readonly string[];
  /** Rows per statement, few enough not to disturb other requests. */
  batchRows: number;
}

const BATCH_ROWS = 2_000;
/** For tables that others refer to, because the database checks each of those tables for each row. */
const REFERRED_BATCH_ROWS = 500;
/** Each row has up to half a MiB. */
const LOGO_BATCH_ROWS = 20;

const owned = (name: string, unit: OwnedTable['unit'], key: readonly string[], batchRows = BATCH_ROWS): OwnedTable => ({
  name,
  organization: 'organization_id',
  unit,
  key,
  batchRows,
});

/**
 * All tables of an organization, children first and the organization last. Add every new table with an `organization_id`
 * before the tables that it refers to.
 */
const ORDER: readonly OwnedTable[] = [
  owned('unit_variables', 'unit_id', ['unit_id', 'key']),
  owned('unit_settings', 'unit_id', ['unit_id', 'kind']),
  owned('unit_members', 'unit_id', ['unit_id', 'user_id']),
  owned('organization_logos', 'unit_id', ['id'], LOGO_BATCH_ROWS),
  owned('artifacts', 'unit_id', ['id']),
  owned('units', 'id', ['id'], REFERRED_BATCH_ROWS),
  owned('run_limits', null, ['scope', 'subject_id']),
  owned('runs', null, ['id']),
  owned('cluster_organizations', null, ['cluster_id']),
  owned('content_publication_failures', null, ['publication_id']),
  owned('content_adoptions', null, ['item_id']),
  owned('content_audiences', null, ['item_id']),
  owned('subscription_periods', null, ['period_start']),
  owned('subscriptions', null, []),
  owned('credit_alerts', null, ['id']),
  owned('credit_crossings', null, ['seq', 'line']),
  owned('auto_top_ups', null, []),
  owned('payment_methods', null, ['id']),
  owned('sandbox_payments', null, ['id']),
  owned('billing_details', null, []),
  owned('receipts', null, ['top_up_id', 'revision']),
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
  owned('organization_webhook_deliveries', null, ['id']),
  owned('organization_webhooks', null, ['id'], REFERRED_BATCH_ROWS),
  owned('former_members', null, ['user_id']),
  owned('organization_roles', null, ['id']),
  owned('organization_members', null, ['user_id'], REFERRED_BATCH_ROWS),
  owned('organization_events', null, ['seq']),
  owned('organization_event_chains', null, []),
  { name: 'organizations', organization: 'id', unit: null, key: [], batchRows: 1 },
];

const ORDER_IN_UNIT = ORDER.filter((table) => table.unit !== null);

/** Returns the tables in order of deletion. The last one contains the organization or unit itself. */
export const deletionOrder = (kind: PurgeKind): readonly OwnedTable[] =>
  kind === 'organization' ? ORDER : ORDER_IN_UNIT;
