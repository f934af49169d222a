import { timeText } from '../decisions/command-result.js';
import type { ThresholdCrossing } from '../decisions/books.js';
import { BulkStatement, columns, insert, only, type Part, update } from './bulk-statement.js';
import type { Decision } from '../decisions/decide.js';
import type { LedgerEntry } from '../decisions/entry.js';
import type { Statement } from './executor.js';
import type { LoadedState } from './ledger.rows.js';
import {
  ACCOUNTS,
  type Charge,
  type Hold,
  LIMIT_WINDOWS,
  type Limit,
  type Lot,
  type LotChange,
} from '../decisions/state.js';
import { windowStart } from '../decisions/windows.js';

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const changeText = ({ lotId, remaining, reserved }: LotChange): string => `["${lotId}","${remaining}","${reserved}"]`;
const changes = (lots: readonly LotChange[]): string => `[${lots.map(changeText).join(',')}]`;

const ENTRY = columns<LedgerEntry>({
  seq: ['bigint', ({ seq }) => seq],
  id: ['uuid', ({ id }) => id],
  type: ['text', ({ type }) => type],
  kind: ['text', ({ kind }) => kind],
  created_at: ['timestamptz', ({ at }) => timeText(at)],
  amount: ['bigint', ({ amount }) => amount],
  ...Object.fromEntries(
    ACCOUNTS.map((account) => [account, ['bigint', ({ postings }: LedgerEntry) => postings[account] ?? 0n]] as const),
  ),
  usage: ['bigint', ({ usage }) => usage],
  usage_at: ['timestamptz', ({ usageAt }) => timeText(usageAt)],
  available_after: ['bigint', ({ available }) => available],
  held_after: ['bigint', ({ held }) => held],
  consumed_after: ['bigint', ({ consumed }) => consumed],
  unit_id: ['uuid', ({ unitId }) => unitId],
  member_id: ['uuid', ({ memberId }) => memberId],
  api_key_id: ['uuid', ({ apiKeyId }) => apiKeyId],
  source_id: ['uuid', ({ sourceId }) => sourceId],
  lots: ['jsonb', ({ lots }) => changes(lots)],
  settled: ['jsonb', ({ settled }) => (settled.length > 0 ? changes(settled) : null)],
  reference: ['text', ({ reference }) => reference],
  detail: ['jsonb', ({ detail }) => json(detail)],
  actor_id: ['uuid', ({ actorId }) => actorId],
});

const KEY = columns<Decision['keys'][number]>({
  key: ['text', ({ key }) => key],
  hash: ['text', ({ hash }) => hash],
  status: ['smallint', ({ status }) => status],
  answer: ['text', ({ body, answerDerived }) => (answerDerived ? null : JSON.stringify(body))],
  seq: ['bigint', ({ seq }) => seq],
});

const LOT = columns<Lot>({
  id: ['uuid', ({ id }) => id],
  category: ['text', ({ category }) => category],
  priority: ['integer', ({ priority }) => priority],
  effective_at: ['timestamptz', ({ effectiveAt }) => timeText(effectiveAt)],
  expires_at: ['timestamptz', ({ expiresAt }) => timeText(expiresAt)],
  source: ['text', ({ source }) => source],
  amount: ['bigint', ({ amount }) => amount],
  remaining: ['bigint', ({ remaining }) => remaining],
  reserved: ['bigint', ({ reserved }) => reserved],
  open: ['boolean', ({ remaining }) => remaining > 0n],
});

const HOLD = columns<Hold>({
  id: ['uuid', ({ id }) => id],
  amount: ['bigint', ({ amount }) => amount],
  state: ['text', ({ state }) => state],
  captured: ['bigint', ({ captured }) => captured],
  uncovered: ['bigint', ({ uncovered }) => uncovered],
  parts: ['jsonb', ({ parts }) => JSON.stringify(parts.map(({ lotId, amount }) => [lotId, String(amount)]))],
  kind: ['text', ({ kind }) => kind],
  reference: ['text', ({ reference }) => reference],
  unit_id: ['uuid', ({ unitId }) => unitId],
  member_id: ['uuid', ({ memberId }) => memberId],
  api_key_id: ['uuid', ({ apiKeyId }) => apiKeyId],
  created_at: ['timestamptz', ({ createdAt }) => timeText(createdAt)],
  expires_at: ['timestamptz', ({ expiresAt }) => timeText(expiresAt)],
  resolved_at: ['timestamptz', ({ resolvedAt }) => timeText(resolvedAt)],
  run_id: ['uuid', ({ runId }) => runId],
});

const REFUND = columns<Charge>({
  charge_id: ['uuid', ({ id }) => id],
  charged: ['bigint', ({ amount }) => amount],
  refunded: ['bigint', ({ refunded }) => refunded],
});

interface Counter {
  scope: string;
  subjectId: string;
  window: string;
  start: number;
  /** The total, or the amount to add. */
  used: bigint;
}

const USAGE = columns<Counter>({
  scope: ['text', ({ scope }) => scope],
  subject_id: ['uuid', ({ subjectId }) => subjectId],
  period: ['text', ({ window }) => window],
  window_start: ['timestamptz', ({ start }) => timeText(start)],
  used: ['bigint', ({ used }) => used],
});

const INSERT_ENTRIES = insert('credit_entries', ENTRY);
const INSERT_KEYS = insert('credit_keys', KEY);
const INSERT_LOTS = insert('credit_lots', LOT);
const UPDATE_LOTS = update(
  'credit_lots',
  'remaining = v.remaining, reserved = v.reserved, open = v.open',
  ['id'],
  only(LOT, 'id', 'remaining', 'reserved', 'open'),
);
const UPDATE_OWED = update<bigint>(
  'credit_accounts',
  'owed = v.owed',
  [],
  columns<bigint>({ owed: ['bigint', (owed) => owed] }),
);
const INSERT_CROSSINGS = insert(
  'credit_crossings',
  columns<ThresholdCrossing>({
    seq: ['bigint', ({ seq }) => seq],
    line: ['bigint', ({ threshold: line }) => line],
    available: ['bigint', ({ available }) => available],
    crossed_at: ['timestamptz', ({ at }) => timeText(at)],
  }),
);
const INSERT_HOLDS = insert('credit_holds', HOLD);
const UPDATE_HOLDS = update(
  'credit_holds',
  `state = v.state, captured = v.captured, uncovered = v.uncovered, parts = v.parts, expires_at = v.expires_at,
   resolved_at = v.resolved_at`,
  ['id'],
  only(HOLD, 'id', 'state', 'captured', 'uncovered', 'parts', 'expires_at', 'resolved_at'),
);
const UPSERT_REFUNDS = insert(
  'credit_refunds',
  REFUND,
  'on conflict (organization_id, charge_id) do update set refunded = excluded.refunded',
);
const UPSERT_USAGE = insert(
  'credit_usage',
  USAGE,
  'on conflict (organization_id, scope, subject_id, period, window_start) do update set used = excluded.used',
);
/** Adds to counters that were not read. A missing counter is computed from the entries when it is needed. */
const ADD_USAGE = update(
  'credit_usage',
  'used = t.used + v.used',
  ['scope', 'subject_id', 'period', 'window_start'],
  USAGE,
);

/** A decision with the state it was made on. */
export interface DecidedBatch extends Decision {
  readonly state: LoadedState;
}

const counterKey = ({ scope, subjectId, window, start }: Omit<Counter, 'used'>): string =>
  `${scope}|${subjectId}|${window}|${start}`;

const counterOf = (limit: Limit, { now, timeZone }: LoadedState): Counter => ({
  scope: limit.scope,
  subjectId: limit.subjectId,
  window: limit.window,
  start: windowStart(limit.window, now, timeZone),
  used: limit.used,
});

/** Sums the usage of the entries for counters other than those of `state.limits`. */
function otherCounters({ state, books }: DecidedBatch): Counter[] {
  if (!state.limited) return [];
  const known = new Set(state.limits.map((limit) => counterKey(counterOf(limit, state))));
  const added = new Map<string, Counter>();
  for (const { usage, usageAt, unitId, memberId, apiKeyId } of books.entries) {
    if (usage === 0n) continue;
    const subjects = { organization: state.organizationId, unit: unitId, member: memberId, api_key: apiKeyId };
    for (const [scope, subjectId] of Object.entries(subjects)) {
      if (subjectId === null) continue;
      for (const window of LIMIT_WINDOWS) {
        const counter = { scope, subjectId, window, start: windowStart(window, usageAt, state.timeZone) };
        const key = counterKey(counter);
        if (!known.has(key)) added.set(key, { ...counter, used: (added.get(key)?.used ?? 0n) + usage });
      }
    }
  }
  return [...added.values()];
}

/** Builds one statement that writes all changes of the decisions, with only the parts that have rows. */
export function writeStatement(decided: readonly DecidedBatch[]): Statement | null {
  const bulk = new BulkStatement();
  const put = <T>(part: Part<T>, rowsOf: (one: DecidedBatch) => Iterable<T>) => {
    const rows: T[] = [];
    const owners: string[] = [];
    for (const one of decided) {
      for (const row of rowsOf(one)) {
        rows.push(row);
        owners.push(one.state.organizationId);
      }
    }
    bulk.put(part, rows, owners);
  };
  put(INSERT_KEYS, ({ keys }) => keys);
  put(INSERT_LOTS, ({ books }) => books.newLots);
  put(UPDATE_LOTS, ({ books }) => books.changedLots);
  put(INSERT_HOLDS, ({ books }) => books.newHolds);
  put(UPDATE_HOLDS, ({ books }) => books.changedHolds);
  put(UPSERT_REFUNDS, ({ books }) => books.refundedCharges);
  put(UPSERT_USAGE, ({ state }) => state.limits.map((limit) => counterOf(limit, state)));
  put(ADD_USAGE, otherCounters);
  put(UPDATE_OWED, ({ state, books }) => (books.owedChanged ? [state.owed] : []));
  put(INSERT_CROSSINGS, ({ books }) => books.crossings);
  // Last, because its trigger checks what the other parts wrote.
  put(INSERT_ENTRIES, ({ books }) => books.entries);
  return bulk.statement;
}
