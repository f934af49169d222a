import { AppError, type ErrorKind, STATUS_OF_KIND } from '../../common/errors/index.js';
import { toCredits } from '../../common/money/index.js';
import type { Entry } from './entry.js';
import type { Hold, OrganizationState } from './state.js';

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

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** What an entry took from which lot, in burn order. */
const allocationsOf = (state: OrganizationState, { lots }: Entry) =>
  lots
    .filter(({ remaining }) => remaining < 0n)
    .map(({ lotId, remaining }) => ({
      lotId,
      category: state.lots.get(lotId)?.category,
      amount: toCredits(-remaining),
    }));

export const chargeAnswer = (state: OrganizationState, entry: Entry): Record<string, unknown> => ({
  id: entry.id,
  amount: toCredits(entry.postings.consumed ?? 0n),
  balance: toCredits(entry.available),
  allocations: allocationsOf(state, entry),
  kind: entry.kind,
  unitId: entry.unitId,
  memberId: entry.memberId,
  reference: entry.reference,
  createdAt: time(entry.at),
});

export const holdAnswer = (hold: Hold): Record<string, unknown> => ({
  id: hold.id,
  state: hold.state,
  amount: toCredits(hold.amount),
  captured: toCredits(hold.captured),
  kind: hold.kind,
  unitId: hold.unitId,
  memberId: hold.memberId,
  reference: hold.reference,
  expiresAt: time(hold.expiresAt),
  resolvedAt: time(hold.resolvedAt),
  createdAt: time(hold.createdAt),
});

export const balancesAnswer = ({ balances }: OrganizationState) => ({
  balance: toCredits(balances.available),
  held: toCredits(balances.held),
});
