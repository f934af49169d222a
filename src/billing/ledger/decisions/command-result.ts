import { AppError, type ErrorKind, STATUS_OF_KIND } from '../../../common/errors/index.js';
import { type Micro, toCredits } from '../../../common/money/index.js';
import type { LedgerEntry } from './entry.js';
import type { Category, Hold, OrganizationState } from './state.js';

/** Response of a command, in plain JSON because it is stored. The `body` of a refusal holds the fields of an `AppError`. */
export interface CommandResponse {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface CommandResult extends CommandResponse {
  /** True for the response that was stored for the key. */
  readonly replayed: boolean;
}

interface ErrorBody {
  kind: ErrorKind;
  code: string;
  detail: string;
  options: AppError['options'];
}

export const toErrorResponse = ({ kind, code, detail, options }: AppError): CommandResponse => ({
  status: STATUS_OF_KIND[kind],
  body: { kind, code, detail, options },
});

export const isRefusal = ({ status }: CommandResponse): boolean => status >= 400;

export function toAppError({ body }: CommandResponse): AppError {
  const { kind, code, detail, options } = body as unknown as ErrorBody;
  return new AppError(kind, code, detail, options);
}

let lastTime = 0;
let lastText = new Date(0).toISOString();

/** Formats an instant and keeps the last text, because commands of one batch mostly share their instant. */
export function timeText<T extends number | null>(at: T): string | (T & null) {
  if (at === null) return at as T & null;
  if (at !== lastTime) [lastTime, lastText] = [at, new Date(at).toISOString()];
  return lastText;
}

/** Credits that an entry took from one lot. */
export interface Allocation {
  readonly lotId: string;
  readonly category: Category | undefined;
  readonly amount: string;
}

/** Returns the allocations of an entry, in burn order. */
function allocationsOf(state: OrganizationState, { lots }: LedgerEntry): Allocation[] {
  const allocations: Allocation[] = [];
  for (const { lotId, remaining } of lots) {
    if (remaining >= 0n) continue;
    allocations.push({ lotId, category: state.lots.get(lotId)?.category, amount: toCredits(-remaining) });
  }
  return allocations;
}

type ChargeEntry = Pick<LedgerEntry, 'id' | 'available' | 'kind' | 'unitId' | 'memberId' | 'reference' | 'at'>;

/** Builds the response from the entry alone. It is not stored with the key and derived again when the key is sent again. */
export const toChargeBody = (entry: ChargeEntry, amount: Micro, allocations: readonly Allocation[]) => ({
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

export const chargeBody = (state: OrganizationState, entry: LedgerEntry) =>
  toChargeBody(entry, entry.postings.consumed ?? 0n, allocationsOf(state, entry));

export const holdBody = (hold: Hold): Record<string, unknown> => ({
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

export const balanceBody = ({ balances }: OrganizationState) => ({
  balance: toCredits(balances.available),
  held: toCredits(balances.held),
});
