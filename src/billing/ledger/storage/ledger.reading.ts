import { possibleKeys } from '../decisions/stored-key.js';
import type { Command, Usage } from '../decisions/command.js';
import type { Statement } from './executor.js';
import { LIMIT_WINDOWS } from '../decisions/state.js';
import { windowStarts } from '../decisions/windows.js';

/** Commands of one organization, in order of arrival. */
export interface CommandBatch {
  readonly organizationId: string;
  readonly commands: readonly Command[];
}

/** Collects rows of parameters as one array per column. */
class ParameterColumns {
  readonly columns: unknown[][];

  constructor(private readonly types: readonly string[]) {
    this.columns = types.map(() => []);
  }

  add(...values: unknown[]): void {
    values.forEach((value, index) => this.columns[index]?.push(value));
  }

  get empty(): boolean {
    return this.columns[0]?.length === 0;
  }

  /** Returns for example `unnest($3::uuid[], $4::text[])` after two earlier parameters. */
  unnest(before: number): string {
    return `unnest(${this.types.map((type, index) => `$${before + index + 1}::${type}[]`).join(', ')})`;
  }
}

/** Optional parts of the read, in this order. */
const LOOKUPS = [
  'keys',
  'holds',
  'charges',
  'reversed',
  'units',
  'unitMembers',
  'members',
  'windows',
  'subjects',
] as const;

class Lookups {
  readonly keys = new ParameterColumns(['uuid', 'text']);
  readonly holds = new ParameterColumns(['uuid', 'uuid']);
  readonly charges = new ParameterColumns(['uuid', 'uuid']);
  readonly units = new ParameterColumns(['uuid', 'uuid']);
  readonly unitMembers = new ParameterColumns(['uuid', 'uuid', 'uuid']);
  readonly members = new ParameterColumns(['uuid', 'uuid']);
  readonly windows = new ParameterColumns(['uuid', 'text', 'timestamptz']);
  readonly subjects = new ParameterColumns(['uuid', 'text', 'uuid']);
  readonly reversed = new ParameterColumns(['uuid', 'uuid']);
  private readonly seen = new Set<string>();

  /** `limited` are the organizations whose limits are read, with the time zone of their windows. */
  constructor(batches: readonly CommandBatch[], limited: ReadonlyMap<string, string>) {
    for (const { organizationId, commands } of batches) {
      let spends = false;
      for (const command of commands) {
        for (const key of possibleKeys(command)) this.keys.add(organizationId, key);
        spends = this.addReferences(organizationId, command, limited.has(organizationId)) || spends;
      }
      const timeZone = limited.get(organizationId);
      if (!spends || timeZone === undefined) continue;
      this.subjects.add(organizationId, 'organization', organizationId);
      for (const window of LIMIT_WINDOWS) {
        for (const start of windowStarts(window, Date.now(), timeZone)) {
          this.windows.add(organizationId, window, new Date(start).toISOString());
        }
      }
    }
  }

  /** Returns true when limits matter to the command. */
  private addReferences(organizationId: string, command: Command, limited: boolean): boolean {
    switch (command.type) {
      case 'run_settle':
        if (command.holdId !== null) this.addOnce(this.holds, organizationId, command.holdId);
        return this.addUsage(organizationId, command, limited);
      case 'charge':
      case 'hold':
      case 'run_start':
        return this.addUsage(organizationId, command, limited);
      case 'capture':
      case 'void':
      case 'extend':
        this.addOnce(this.holds, organizationId, command.holdId);
        return command.type === 'capture';
      case 'refund':
        this.addOnce(this.charges, organizationId, command.chargeId);
        return false;
      case 'grant_void':
        this.addOnce(this.reversed, organizationId, command.lotId);
        return false;
      case 'reversal':
        this.addOnce(this.reversed, organizationId, command.lotId);
        for (const { lotId } of command.taken) this.addOnce(this.reversed, organizationId, lotId);
        return false;
      default:
        return false;
    }
  }

  private addUsage(organizationId: string, usage: Usage, limited: boolean): true {
    const { unitId, memberId, apiKeyId, requiredUnitMember } = usage;
    if (unitId !== null) {
      this.addOnce(this.units, organizationId, unitId);
      if (limited) this.addOnce(this.subjects, organizationId, 'unit', unitId);
      if (requiredUnitMember !== null) this.addOnce(this.unitMembers, organizationId, unitId, requiredUnitMember);
    }
    if (memberId !== null) {
      if (limited) this.addOnce(this.subjects, organizationId, 'member', memberId);
      if (usage.verifyMember) this.addOnce(this.members, organizationId, memberId);
    }
    if (limited && apiKeyId !== null) this.addOnce(this.subjects, organizationId, 'api_key', apiKeyId);
    return true;
  }

  private addOnce(columns: ParameterColumns, ...values: string[]): void {
    const key = values.join();
    if (this.seen.has(key)) return;
    this.seen.add(key);
    columns.add(...values);
  }
}

export const ms = (instant: string): string => `(extract(epoch from ${instant}) * 1000)::bigint`;

const list = (columns: string, from: string): string =>
  `(select coalesce(json_agg(json_build_array(${columns})), '[]') from ${from})`;

const HOLD = `h.organization_id, h.id, h.amount::text, h.state, h.captured::text, h.uncovered::text, h.parts, h.kind,
  h.reference, h.unit_id, h.member_id, h.api_key_id, ${ms('h.created_at')}, ${ms('h.expires_at')}, ${ms('h.resolved_at')}, h.run_id`;

const LOT = `l.organization_id, l.id, l.category, l.priority, ${ms('l.effective_at')}, ${ms('l.expires_at')}, l.source,
  l.amount::text, l.remaining::text, l.reserved::text`;

/** Holds that every decision needs: due ones, ones not fully covered, and all of a deleted organization. */
const OPEN_HOLDS = `a cross join lateral (
    select * from credit_holds d where d.organization_id = a.organization_id and d.state = 'open' and d.expires_at <= a.now
    union all select * from credit_holds u where u.organization_id = a.organization_id and u.state = 'open' and u.uncovered > 0
    union all select * from credit_holds x where x.organization_id = a.organization_id and x.state = 'open' and a.deleted) h`;

/** Limits of a subject. Members without their own get the organization's default. */
const LIMIT_OF_SUBJECT = `lateral (
    select distinct on (l.period) l.period, l.amount from credit_limits l
    where l.organization_id = s.organization_id and ((l.scope = s.scope and l.subject_id = s.subject_id)
      or (s.scope = 'member' and l.scope = 'member_default'))
    order by l.period, l.scope = 'member_default') l`;

/** Sums usage since `w.start`. Usage never counts before it is written, so the index on `created_at` bounds the scan. */
const usedBy = (condition: string): string => `(select coalesce(sum(e.usage), 0) from credit_entries e
    where e.organization_id = s.organization_id ${condition} and e.created_at >= w.start and e.usage_at >= w.start)`;

const COUNTED = `case s.scope when 'unit' then ${usedBy('and e.unit_id = s.subject_id')}
    when 'member' then ${usedBy('and e.member_id = s.subject_id')}
    when 'api_key' then ${usedBy('and e.api_key_id = s.subject_id')} else ${usedBy('')} end`;

const ACCOUNT = `a.organization_id, ${ms('a.now')}, ${ms('a.last_at')},
  case when a.deleted then 'pending_deletion' when a.suspended then 'suspended' else 'active' end, a.purging,
  a.frozen_at is not null, a.limited,
  case when a.limited then (select p.time_zone from operators p where p.id = a.operator_id) end, a.overdraft_limit::text, a.owed::text, a.lines::text[], a.seq::text, a.available::text, a.held::text,
  a.consumed::text, a.external::text, a.promo::text, a.plan::text, a.expired::text, a.adjustment::text, a.receivable::text`;

/**
 * Reads everything that the decisions need, as one row of lists from one snapshot. Run it after the lock is granted, in a
 * separate statement, because a statement that waited for a lock still sees the old snapshot. Reads only what the commands
 * name, each by an index. Limits cost the most and are read only for the organizations in `limited`, with their time zone.
 */
export function readStatement(batches: readonly CommandBatch[], limited: ReadonlyMap<string, string>): Statement {
  const lookups = new Lookups(batches, limited);
  const values: unknown[] = [batches.map(({ organizationId }) => organizationId)];
  let name = 'read';
  for (const lookup of LOOKUPS) {
    if (lookups[lookup].empty) continue;
    name += `_${lookup}`;
    values.push(...lookups[lookup].columns);
  }
  const text = texts.get(name) ?? textFor(lookups);
  texts.set(name, text);
  return { name, values, text };
}

/** Statement texts by the names of their lookups. */
const texts = new Map<string, string>();

function textFor(lookups: Lookups): string {
  let parameters = 1;
  const parts = [
    `${list(ACCOUNT, 'a')} as accounts`,
    `${list(LOT, 'credit_lots l where l.organization_id = any ($1::uuid[]) and l.open')} as lots`,
    `${list(HOLD, OPEN_HOLDS)} as "openHolds"`,
  ];
  const part = (lookup: (typeof LOOKUPS)[number], build: (unnested: string) => string | null) => {
    const columns = lookups[lookup];
    if (columns.empty) return;
    const selected = build(columns.unnest(parameters));
    if (selected !== null) parts.push(`${selected} as "${lookup}"`);
    parameters += columns.columns.length;
  };
  const found = (table: string, alias: string, match: string) =>
    `cross join lateral (select * from ${table} t where t.organization_id = k.organization_id and ${match} limit 1) ${alias}`;
  part('keys', (k) =>
    list(
      'h.organization_id, h.key, h.hash, h.status, h.answer, h.seq::text',
      `${k} as k (organization_id, key) ${found('credit_keys', 'h', 't.key = k.key')}`,
    ),
  );
  let subjectsOfHolds = '';
  part('holds', (k) => {
    const holds = `${k} as k (organization_id, id) ${found('credit_holds', 'h', 't.id = k.id')}`;
    subjectsOfHolds = Object.entries({ unit: 'unit_id', member: 'member_id', api_key: 'api_key_id' })
      .map(
        ([scope, id]) => `union select h.organization_id, '${scope}', h.${id} from ${holds} where h.${id} is not null`,
      )
      .join(' ');
    return list(HOLD, holds);
  });
  part('charges', (k) => {
    const charge = `${k} as k (organization_id, id) ${found('credit_entries', 'e', `t.id = k.id and t.type in ('charge', 'capture')`)}
      left join credit_refunds r on r.organization_id = e.organization_id and r.charge_id = e.id`;
    const lots = `${charge} cross join lateral jsonb_array_elements(e.lots) c
      join credit_lots l on l.organization_id = e.organization_id and l.id = (c ->> 0)::uuid`;
    parts.push(`${list(LOT, lots)} as "chargeLots"`);
    return list(
      `e.organization_id, e.id, e.consumed::text, e.kind, ${ms('e.usage_at')}, e.lots, e.receivable::text,
       coalesce(r.refunded, 0)::text, e.unit_id, e.member_id, e.api_key_id`,
      charge,
    );
  });
  part('reversed', (k) => list(LOT, `${k} as k (organization_id, id) ${found('credit_lots', 'l', 't.id = k.id')}`));
  part('units', (k) =>
    list(
      `h.organization_id, h.id,
       case when h.deleted_at is not null then 'pending_deletion' when h.suspended_at is not null then 'suspended' else 'active' end`,
      `${k} as k (organization_id, id) ${found('units', 'h', 't.id = k.id')}`,
    ),
  );
  part('unitMembers', (k) =>
    list(
      'h.organization_id, h.unit_id, h.user_id',
      `${k} as k (organization_id, unit_id, user_id) ${found('unit_members', 'h', 't.unit_id = k.unit_id and t.user_id = k.user_id')}`,
    ),
  );
  part('members', (k) =>
    list(
      'h.organization_id, h.user_id',
      `${k} as k (organization_id, user_id) ${found('organization_members', 'h', 't.user_id = k.user_id')}`,
    ),
  );
  let windows = '';
  part('windows', (k) => {
    windows = k;
    return null;
  });
  part('subjects', (k) =>
    list(
      's.organization_id, s.scope, s.subject_id, l.period, l.amount::text, coalesce(u.used, ' + COUNTED + ')::text',
      `(select * from ${k} as k (organization_id, scope, subject_id) ${subjectsOfHolds}) s
       join a on a.organization_id = s.organization_id and a.limited
       cross join ${LIMIT_OF_SUBJECT}
       cross join lateral (select max(w.start) as start from ${windows} as w (organization_id, period, start)
         where w.organization_id = s.organization_id and w.period = l.period and w.start <= a.now) w
       left join credit_usage u on u.organization_id = s.organization_id and u.scope = s.scope and u.subject_id = s.subject_id
         and u.period = l.period and u.window_start = w.start`,
    ),
  );
  return `with a as materialized (
        select c.*, greatest(date_trunc('milliseconds', clock_timestamp()), c.last_at) as now,
          o.operator_id, o.deleted_at is not null as deleted, o.suspended_at is not null as suspended, o.purge_started_at is not null as purging,
          exists (select 1 from credit_limits l where l.organization_id = c.organization_id) as limited
        from credit_accounts c join organizations o on o.id = c.organization_id where c.organization_id = any ($1::uuid[]))
      select ${parts.join(',\n')}`;
}

/** Reads the entries from which responses of repeated keys are derived. Separate, because keys are rarely repeated. */
export const chargeEntriesStatement = (organizationIds: readonly string[], seqs: readonly string[]): Statement => ({
  name: 'charge_entries',
  text: `select e.organization_id, e.seq::text, e.id, e.consumed::text, e.available_after::text as available, e.kind, e.unit_id, e.member_id,
      e.reference, ${ms('e.created_at')}::double precision as at,
      (select coalesce(json_agg(json_build_array(l.id, l.category, c.change ->> 1) order by c.place), '[]')
       from jsonb_array_elements(e.lots) with ordinality as c (change, place)
       join credit_lots l on l.organization_id = e.organization_id and l.id = (c.change ->> 0)::uuid) as lots
    from unnest($1::uuid[], $2::bigint[]) as k (organization_id, seq)
    join credit_entries e on e.organization_id = k.organization_id and e.seq = k.seq`,
  values: [organizationIds, seqs],
});
