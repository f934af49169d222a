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
import type { CreditAdjustment } from '../adjustments/adjustment.entity.js';
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

  @CreditsField({ zero: true, description: 'Part of `remaining` that holds keep.' })
  reserved: string;

  @IntegerField({ min: 0, max: 1000 })
  priority: number;

  @DateTimeField()
  effectiveAt: string;

  @DateTimeField({ nullable: true })
  expiresAt: string | null;
}

export class ScheduledGrantView {
  @UuidField()
  id: string;

  @EnumField(CATEGORIES, { name: 'LotCategory' })
  category: Category;

  @CreditsField()
  amount: string;

  @DateTimeField({ description: 'When the credits are granted.' })
  effectiveAt: string;

  @DateTimeField({ nullable: true })
  expiresAt: string | null;
}

export class ProjectionView {
  @CreditsField({ zero: true, description: 'Average use per day over the last seven days.' })
  creditsPerDay: string;

  @DateTimeField({ nullable: true, description: 'When credits run out at this rate. Null if nothing is used.' })
  emptyAt: string | null;
}

export class CreditsView {
  @CreditsField({
    signed: true,
    zero: true,
    description: 'Credits that can be spent. Negative while the overdraft is in use.',
  })
  available: string;

  @CreditsField({ zero: true, description: 'Credits kept by open holds.' })
  held: string;

  @CreditsField({ zero: true, description: 'Credits used so far, in total.' })
  consumed: string;

  @CreditsField({
    zero: true,
    description: 'Credits owed for late captures and reversed payments that found no credits.',
  })
  receivable: string;

  @CreditsField({ zero: true })
  overdraftLimit: string;

  @ObjectListField(() => LotView, {
    description: 'The first 1,000 lots with credits left, in the order they are spent. `…/credits/grants` lists all.',
  })
  lots: LotView[];

  @ObjectListField(() => ScheduledGrantView, { description: 'Grants whose time has not come, soonest first.' })
  scheduledGrants: ScheduledGrantView[];

  @EnumField(CREDIT_STATUSES, { name: 'CreditStatus' })
  status: (typeof CREDIT_STATUSES)[number];

  @ObjectField(() => ProjectionView)
  projection: ProjectionView;
}

/** Credits without the grants that are yet to come. */
export type CreditsNow = Omit<CreditsView, 'scheduledGrants'>;

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

export const toScheduledGrantView = ({
  id,
  amount,
  grantDetails,
  effectiveAt,
}: CreditAdjustment): ScheduledGrantView => ({
  id,
  category: grantDetails?.category ?? 'promo',
  amount: toCredits(BigInt(amount)),
  effectiveAt: (effectiveAt ?? new Date()).toISOString(),
  expiresAt: grantDetails?.expiresAt ?? null,
});

const MAX_LOTS = 1_000;
const DAY_MS = 86_400_000n;
const DAYS = 7n;
/** Projections beyond this date are meaningless. */
const LATEST = Date.UTC(2999, 11, 31);

/** Projects from `used`, the micro-credits of the last seven days. */
function projectionOf(available: bigint, used: bigint, now: number): ProjectionView {
  const perDay = used > 0n ? used / DAYS : 0n;
  const left = available > 0n ? available : 0n;
  const emptyAt = perDay > 0n ? now + Number((left * DAY_MS) / perDay) : null;
  return { creditsPerDay: toCredits(perDay), emptyAt: emptyAt !== null && emptyAt < LATEST ? time(emptyAt) : null };
}

export const toCreditsView = (state: LoadedState, usedLastWeek: bigint): CreditsNow => ({
  available: toCredits(state.balances.available),
  held: toCredits(state.balances.held),
  consumed: toCredits(state.balances.consumed),
  receivable: toCredits(-state.balances.receivable),
  overdraftLimit: toCredits(state.overdraftLimit),
  lots: [...state.lots.values()]
    .filter(({ remaining }) => remaining > 0n)
    .sort(inBurnOrder)
    .slice(0, MAX_LOTS)
    .map(toLotView),
  status: state.status === 'active' && (state.frozen || state.owed > 0n) ? 'frozen' : state.status,
  projection: projectionOf(state.balances.available, usedLastWeek, state.now),
});

/** View of an organization before its first grant. */
export const NO_CREDITS: CreditsNow = {
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

  @IntegerField({ min: 0, max: Number.MAX_SAFE_INTEGER, description: 'Number of rows that break the rule.' })
  broken: number;
}

export class ProofView {
  @BooleanField({ description: 'True if every check holds.' })
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
