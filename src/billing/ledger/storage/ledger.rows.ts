import { type Micro, toCredits } from '../../../common/money/index.js';
import { toChargeBody } from '../decisions/command-result.js';
import {
  type Balances,
  type Category,
  type Charge,
  type Hold,
  type HoldState,
  type LifeStatus,
  type Limit,
  type LimitScope,
  type LimitWindow,
  type Lot,
  type OrganizationState,
} from '../decisions/state.js';

type Text = string;
type Nullable = string | null;

/** Row of `readStatement`. Amounts are text, because JSON numbers cannot hold a bigint. */
export interface ReadRow {
  accounts: [
    organizationId: Text,
    now: number,
    lastAt: number,
    status: LifeStatus,
    purging: boolean,
    frozen: boolean,
    limited: boolean,
    timeZone: Nullable,
    overdraftLimit: Text,
    owed: Text,
    lines: Text[] | null,
    seq: Text,
    ...balances: Text[],
  ][];
  lots: LotRow[];
  chargeLots?: LotRow[];
  reversed?: LotRow[];
  openHolds: HoldRow[];
  holds?: HoldRow[];
  keys?: KeyRow[];
  charges?: [
    Text,
    id: Text,
    consumed: Text,
    kind: Text,
    usageAt: number,
    lots: [Text, Text, Text][],
    receivable: Text,
    refunded: Text,
    unitId: Nullable,
    memberId: Nullable,
    apiKeyId: Nullable,
  ][];
  units?: [Text, id: Text, LifeStatus][];
  unitMembers?: [Text, unitId: Text, userId: Text][];
  members?: [Text, userId: Text][];
  subjects?: [Text, LimitScope, subjectId: Text, LimitWindow, amount: Text, used: Text][];
}

/** Without an answer, the response is derived by `chargeEntriesStatement`. */
export type KeyRow = [organizationId: Text, key: Text, hash: Text, status: number, answer: Nullable, seq: Nullable];

/** Row of `chargeEntriesStatement`. */
export interface ChargeEntryRow {
  organization_id: Text;
  seq: Text;
  id: Text;
  consumed: Text;
  available: Text;
  kind: Text;
  unit_id: Nullable;
  member_id: Nullable;
  reference: Nullable;
  at: number;
  lots: [id: Text, category: Category, remaining: Text][];
}

type LotRow = [
  organizationId: Text,
  id: Text,
  category: Category,
  priority: number,
  effectiveAt: number,
  expiresAt: number | null,
  source: Text,
  amount: Text,
  remaining: Text,
  reserved: Text,
];

type HoldRow = [
  organizationId: Text,
  id: Text,
  amount: Text,
  state: HoldState,
  captured: Text,
  uncovered: Text,
  parts: [Text, Text][],
  kind: Text,
  reference: Nullable,
  unitId: Nullable,
  memberId: Nullable,
  apiKeyId: Nullable,
  createdAt: number,
  expiresAt: number,
  resolvedAt: number | null,
  runId: Nullable,
];

/** The state of an organization, with fields that only writing needs. */
export interface LoadedState extends OrganizationState {
  /** True when the organization has limits, so counters are kept. */
  readonly limited: boolean;
  /** True once the purge has begun and nothing may be written. */
  readonly purging: boolean;
}

const micro = (text: string): Micro => BigInt(text);

const toLot = ([, id, category, priority, effectiveAt, expiresAt, source, ...amounts]: LotRow): Lot => {
  const [amount, remaining, reserved] = amounts.map(micro) as [Micro, Micro, Micro];
  return { id, category, priority, effectiveAt, expiresAt, source, amount, remaining, reserved };
};

const toHold = (row: HoldRow): Hold => ({
  id: row[1],
  amount: micro(row[2]),
  state: row[3],
  captured: micro(row[4]),
  uncovered: micro(row[5]),
  parts: row[6].map(([lotId, amount]) => ({ lotId, amount: micro(amount) })),
  kind: row[7],
  reference: row[8],
  unitId: row[9],
  memberId: row[10],
  apiKeyId: row[11],
  createdAt: row[12],
  expiresAt: row[13],
  resolvedAt: row[14],
  runId: row[15],
});

const toCharge = (row: NonNullable<ReadRow['charges']>[number]): Charge => ({
  id: row[1],
  amount: micro(row[2]),
  kind: row[3],
  usageAt: row[4],
  parts: row[5]
    .filter(([, remaining]) => remaining.startsWith('-'))
    .map(([lotId, remaining]) => ({ lotId, amount: -micro(remaining) })),
  receivable: -micro(row[6]),
  refunded: micro(row[7]),
  unitId: row[8],
  memberId: row[9],
  apiKeyId: row[10],
});

function toState(row: ReadRow['accounts'][number]): LoadedState {
  const [organizationId, now, lastAt, status, purging, frozen, limited, timeZone, ...rest] = row;
  const [overdraftLimit, owed, lines, seq, ...amounts] = rest;
  const [available, held, consumed, external, promo, plan, expired, adjustment, receivable] = amounts.map(micro);
  return {
    organizationId,
    now,
    lastAt,
    status,
    purging,
    frozen,
    limited,
    timeZone: timeZone ?? 'UTC',
    overdraftLimit: micro(overdraftLimit),
    owed: micro(owed),
    thresholds: lines?.map(micro) ?? [],
    seq: BigInt(seq),
    balances: { available, held, consumed, external, promo, plan, expired, adjustment, receivable } as Balances,
    lots: new Map(),
    holds: new Map(),
    charges: new Map(),
    units: new Map(),
    unitMembers: new Set(),
    members: new Set(),
    limits: [],
    keys: new Map(),
  };
}

/** Returns the organizations that have limits, with the time zone of their windows. */
export const organizationsWithLimits = ({ accounts }: ReadRow): [organizationId: string, timeZone: string][] =>
  accounts
    .filter(([, , , , , , limited]) => limited)
    .map(([organizationId, , , , , , , timeZone]) => [organizationId, timeZone ?? 'UTC']);

/** Derives the response of a charge from its entry. */
function toChargeResponse(row: ChargeEntryRow): Record<string, unknown> {
  const { id, kind, reference, at, unit_id: unitId, member_id: memberId } = row;
  const allocations = row.lots
    .filter(([, , remaining]) => remaining.startsWith('-'))
    .map(([lotId, category, remaining]) => ({ lotId, category, amount: toCredits(-micro(remaining)) }));
  const entry = { id, kind, reference, at, unitId, memberId, available: micro(row.available) };
  return toChargeBody(entry, micro(row.consumed), allocations);
}

/** Returns the states of the organizations that have an account, by id. `chargeEntries` hold the answers that keys do not store. */
export function toStates(row: ReadRow, chargeEntries: readonly ChargeEntryRow[] = []): Map<string, LoadedState> {
  const answers = new Map(chargeEntries.map((one) => [`${one.organization_id} ${one.seq}`, toChargeResponse(one)]));
  const states = new Map(row.accounts.map((account) => [account[0], toState(account)]));
  const each = <T extends [string, ...unknown[]]>(rows: T[] | undefined, put: (state: LoadedState, row: T) => void) => {
    for (const one of rows ?? []) {
      const state = states.get(one[0]);
      if (state) put(state, one);
    }
  };
  for (const lots of [row.lots, row.chargeLots, row.reversed]) {
    each(lots, (state, lot) => {
      // One object per lot, even if several parts of the read found it.
      if (!state.lots.has(lot[1])) state.lots.set(lot[1], toLot(lot));
    });
  }
  for (const holds of [row.openHolds, row.holds]) {
    each(holds, (state, hold) => {
      if (!state.holds.has(hold[1])) state.holds.set(hold[1], toHold(hold));
    });
  }
  each(row.charges, (state, charge) => state.charges.set(charge[1], toCharge(charge)));
  each(row.units, (state, [, id, status]) => state.units.set(id, status));
  each(row.unitMembers, (state, [, unitId, userId]) => state.unitMembers.add(`${unitId}:${userId}`));
  each(row.members, (state, [, userId]) => state.members.add(userId));
  each(row.keys, (state, [organizationId, key, hash, status, answer, seq]) => {
    const body =
      answer === null ? answers.get(`${organizationId} ${seq}`) : (JSON.parse(answer) as Record<string, unknown>);
    if (!body) throw new Error(`the key ${key} has no answer`);
    state.keys.set(key, { hash, status, body });
  });
  each(row.subjects, (state, [, scope, subjectId, window, amount, used]) =>
    state.limits.push({ scope, subjectId, window, amount: micro(amount), used: micro(used) } satisfies Limit),
  );
  return states;
}
