import { toCredits } from '../../../common/money/index.js';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  ObjectField,
  ObjectListField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { inBurnOrder } from '../decisions/burn-order.js';
import type { LoadedState } from '../storage/ledger.rows.js';
import type { Check } from '../verification/proof.store.js';
import { CATEGORIES, type Category, type Lot } from '../decisions/state.js';

export const CREDIT_STATUSES = ['active', 'frozen', 'suspended', 'pending_deletion'] as const;

export class LotView {
  @UuidField()
  id: string;

  @EnumField(CATEGORIES, { name: 'LotCategory' })
  category: Category;

  @CreditsField()
  amount: string;

  @CreditsField()
  remaining: string;

  @CreditsField({ zero: true, description: 'Of what remains, kept for holds.' })
  reserved: string;

  @IntegerField({ min: 0, max: 1000 })
  priority: number;

  @DateTimeField()
  effectiveAt: string;

  @DateTimeField({ nullable: true })
  expiresAt: string | null;
}

export class ProjectionView {
  @CreditsField({ zero: true, description: 'Used a day, on average over the last seven.' })
  creditsPerDay: string;

  @DateTimeField({ nullable: true, description: 'When nothing is left at this rate; null when nothing is used.' })
  emptyAt: string | null;
}

export class CreditsView {
  @CreditsField({ signed: true, zero: true, description: 'May be spent; below 0 it is overdraft in use.' })
  available: string;

  @CreditsField({ zero: true, description: 'Kept by open holds.' })
  held: string;

  @CreditsField({ zero: true, description: 'Used since the beginning.' })
  consumed: string;

  @CreditsField({
    zero: true,
    description: 'Owed: captures that came too late, and payments taken back, that found no credits.',
  })
  receivable: string;

  @CreditsField({ zero: true })
  overdraftLimit: string;

  @ObjectListField(() => LotView, { description: 'What is left of what was granted, in the order it is spent.' })
  lots: LotView[];

  @EnumField(CREDIT_STATUSES, { name: 'CreditStatus' })
  status: (typeof CREDIT_STATUSES)[number];

  @ObjectField(() => ProjectionView)
  projection: ProjectionView;
}

const time = (at: number): string => new Date(at).toISOString();

const toLotView = (lot: Lot): LotView => ({
  id: lot.id,
  category: lot.category,
  amount: toCredits(lot.amount),
  remaining: toCredits(lot.remaining),
  reserved: toCredits(lot.reserved),
  priority: lot.priority,
  effectiveAt: time(lot.effectiveAt),
  expiresAt: lot.expiresAt === null ? null : time(lot.expiresAt),
});

const DAY_MS = 86_400_000n;
const DAYS = 7n;
/** Further ahead than this says nothing. */
const LATEST = Date.UTC(2999, 11, 31);

/** `used`: micro-credits in the last seven days. */
function projectionOf(available: bigint, used: bigint, now: number): ProjectionView {
  const perDay = used > 0n ? used / DAYS : 0n;
  const left = available > 0n ? available : 0n;
  const emptyAt = perDay > 0n ? now + Number((left * DAY_MS) / perDay) : null;
  return { creditsPerDay: toCredits(perDay), emptyAt: emptyAt !== null && emptyAt < LATEST ? time(emptyAt) : null };
}

export const toCreditsView = (state: LoadedState, usedInAWeek: bigint): CreditsView => ({
  available: toCredits(state.balances.available),
  held: toCredits(state.balances.held),
  consumed: toCredits(state.balances.consumed),
  receivable: toCredits(-state.balances.receivable),
  overdraftLimit: toCredits(state.overdraftLimit),
  lots: [...state.lots.values()]
    .filter(({ remaining }) => remaining > 0n)
    .sort(inBurnOrder)
    .map(toLotView),
  status: state.status === 'active' && (state.frozen || state.owed > 0n) ? 'frozen' : state.status,
  projection: projectionOf(state.balances.available, usedInAWeek, state.now),
});

/** Before the first grant. */
export const NO_CREDITS: CreditsView = {
  available: '0',
  held: '0',
  consumed: '0',
  receivable: '0',
  overdraftLimit: '0',
  lots: [],
  status: 'active',
  projection: { creditsPerDay: '0', emptyAt: null },
};

export class CheckView {
  @TextField({ example: 'I1 every entry sums to zero' })
  name: string;

  @BooleanField()
  holds: boolean;

  @IntegerField({ min: 0, max: Number.MAX_SAFE_INTEGER, description: 'Rows that break it.' })
  broken: number;
}

export class ProofView {
  @BooleanField({ description: 'Everything holds.' })
  valid: boolean;

  @IntegerField({ min: 0, max: Number.MAX_SAFE_INTEGER })
  entries: number;

  @ObjectListField(() => CheckView)
  checks: CheckView[];
}

export const toProofView = ({ entries, checks }: { entries: number; checks: Check[] }): ProofView => ({
  valid: checks.every(({ broken }) => broken === 0),
  entries,
  checks: checks.map(({ name, broken }) => ({ name, holds: broken === 0, broken })),
});
