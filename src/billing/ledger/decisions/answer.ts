import { AppError, type ErrorKind, STATUS_OF_KIND } from '../../../common/errors/index.js';
import { type Micro, toCredits } from '../../../common/money/index.js';
import type { Entry } from './entry.js';
import type { Category, Hold, OrganizationState } from './state.js';

/** What a command is answered with; `body` of a refusal is what `AppError` is made of. Plain JSON, since it is stored. */
export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface Outcome extends Answer {
  /** It is what was stored for the key. */
  readonly replayed: boolean;
}

interface Refusal {
  kind: ErrorKind;
  code: string;
  detail: string;
  options: AppError['options'];
}

export const refusalAnswer = ({ kind, code, detail, options }: AppError): Answer => ({
  status: STATUS_OF_KIND[kind],
  body: { kind, code, detail, options },
});

export const isRefusal = ({ status }: Answer): boolean => status >= 400;

export function refusalOf({ body }: Answer): AppError {
  const { kind, code, detail, options } = body as unknown as Refusal;
  return new AppError(kind, code, detail, options);
}

let lastTime = 0;
let lastText = new Date(0).toISOString();

/** An instant as it is written and answered. What is decided together mostly shares it. */
export function timeText<T extends number | null>(at: T): string | (T & null) {
  if (at === null) return at as T & null;
  if (at !== lastTime) [lastTime, lastText] = [at, new Date(at).toISOString()];
  return lastText;
}

/** What an entry took from a lot. */
export interface Allocation {
  readonly lotId: string;
  readonly category: Category | undefined;
  readonly amount: string;
}

/** In burn order. */
function allocationsOf(state: OrganizationState, { lots }: Entry): Allocation[] {
  const allocations: Allocation[] = [];
  for (const { lotId, remaining } of lots) {
    if (remaining >= 0n) continue;
    allocations.push({ lotId, category: state.lots.get(lotId)?.category, amount: toCredits(-remaining) });
  }
  return allocations;
}

type Charged = Pick<Entry, 'id' | 'available' | 'kind' | 'unitId' | 'memberId' | 'reference' | 'at'>;

/** The entry tells all of it: so it is not stored with the key, but made again when the key comes again. */
export const answerOfCharge = (entry: Charged, amount: Micro, allocations: readonly Allocation[]) => ({
  id: entry.id,
  amount: toCredits(amount),
  balance: toCredits(entry.available),
  allocations,
  kind: entry.kind,
  unitId: entry.unitId,
  memberId: entry.memberId,
  reference: entry.reference,
  createdAt: timeText(entry.at),
});

export const chargeAnswer = (state: OrganizationState, entry: Entry) =>
  answerOfCharge(entry, entry.postings.consumed ?? 0n, allocationsOf(state, entry));

export const holdAnswer = (hold: Hold): Record<string, unknown> => ({
  id: hold.id,
  state: hold.state,
  amount: toCredits(hold.amount),
  captured: toCredits(hold.captured),
  kind: hold.kind,
  unitId: hold.unitId,
  memberId: hold.memberId,
  reference: hold.reference,
  expiresAt: timeText(hold.expiresAt),
  resolvedAt: timeText(hold.resolvedAt),
  createdAt: timeText(hold.createdAt),
});

export const balancesAnswer = ({ balances }: OrganizationState) => ({
  balance: toCredits(balances.available),
  held: toCredits(balances.held),
});
