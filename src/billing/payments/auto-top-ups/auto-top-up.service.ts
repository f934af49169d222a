import { Injectable, Logger } from '@nestjs/common';
import { callerIdOf, type OrganizationAccess, systemActor } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { changesOf, Database, type Tx } from '../../../database/index.js';
import { AppError, commonErrors } from '../../../common/errors/index.js';
import { assertMatches, etagOf } from '../../../http/index.js';
import { newId } from '../../../common/ids/index.js';
import { toCredits, toMicro } from '../../../common/money/index.js';
import { EventService } from '../../../events/index.js';
import { OrganizationService } from '../../../organizations/index.js';
import { AlertStore, LedgerService, applyDueExpiries } from '../../ledger/index.js';
import { methodOf, PaymentMethodService } from '../methods/payment-method.service.js';
import { PaymentService } from '../top-ups/payment.service.js';
import { PaymentProviderRegistry } from '../providers/payment-provider.registry.js';
import { TermsService } from '../terms/terms.service.js';
import type { Terms } from '../terms/terms.types.js';
import { topUpErrors } from '../top-up.errors.js';
import { type DueTopUp, TopUpStore } from '../top-ups/top-up.store.js';
import { atLeastChargeable, toPaymentOrder, priceOfCredits } from '../top-ups/top-up.service.js';
import { type AutoTopUpView, type PutAutoTopUp, toAutoTopUpView } from './auto-top-up.dto.js';
import { AutoTopUpOutcomeService, type DelayReason } from '../auto-top-up-settings/auto-top-up-outcome.service.js';
import type { AutoTopUp } from '../auto-top-up-settings/auto-top-up.entity.js';
import { AutoTopUpStore, type PurchaseTotals } from '../auto-top-up-settings/auto-top-up.store.js';

const FIRST_LOOK_SECONDS = 60;
/** The waits after attempts that could not be made, doubled each time. */
const FIRST_DELAY_MS = 15 * 60_000;
const LONGEST_DELAY_MS = 86_400_000;
/** How long an organization that cannot buy now makes room for others that can. */
const BLOCKED_SECONDS = 60;
/** How long a reason that does not go away by itself is not told again. */
const TOLD_MS = 7 * 86_400_000;
/** The pause after a provider did not respond, as a multiple of the payment timeout. */
const PAUSE_FACTOR = 4;

const toEventPayload = (row: AutoTopUp | null) => {
  const { enabled, threshold, amount, target, dailyCap, monthlyCap, paymentMethod } = toAutoTopUpView(row);
  return { enabled, threshold, amount, target, dailyCap, monthlyCap, paymentMethodId: paymentMethod?.id ?? null };
};

type Caps = Pick<AutoTopUp, 'dailyCap' | 'monthlyCap'>;

const micro = (credits: string | null | undefined): string | null =>
  credits === null || credits === undefined ? null : String(toMicro(credits));

/** Buys credits automatically, one top-up at a time, within the caps, and stops after repeated declines. */
@Injectable()
export class AutoTopUpService {
  private readonly logger = new Logger('TopUps');
  private pausedUntil = 0;

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly store: AutoTopUpStore,
    private readonly topUps: TopUpStore,
    private readonly alerts: AlertStore,
    private readonly terms: TermsService,
    private readonly providers: PaymentProviderRegistry,
    private readonly methods: PaymentMethodService,
    private readonly payments: PaymentService,
    private readonly outcomes: AutoTopUpOutcomeService,
    private readonly organizations: OrganizationService,
    private readonly ledger: LedgerService,
    private readonly events: EventService,
  ) {}

  async view({ organizationId }: OrganizationAccess): Promise<AutoTopUpView> {
    return toAutoTopUpView(await this.store.find(this.db.reader, organizationId));
  }

  async put(access: OrganizationAccess, input: PutAutoTopUp, ifMatch: string | undefined): Promise<AutoTopUpView> {
    const { organizationId, operator, actor } = access;
    const { enabled } = input;
    if (enabled && this.providers.online === null) throw topUpErrors.no_provider();
    const [threshold, amount, target] = [String(toMicro(input.threshold)), micro(input.amount), micro(input.target)];
    assertAmounts(threshold, amount, target);
    const caps = { dailyCap: micro(input.dailyCap), monthlyCap: micro(input.monthlyCap) };
    const terms = await this.terms.getTerms(operator.id);
    assertCaps(threshold, amount, target, caps, terms);
    priceOfCredits(BigInt(amount ?? target ?? '0'), terms);
    const method = await this.methods.choose(organizationId, input.paymentMethodId ?? null);
    if (!method && enabled) throw topUpErrors.payment_method_needed();
    const view = await this.db.transaction(
      async (tx) => {
        await this.ledger.lock(tx, organizationId);
        const before = await this.store.find(tx, organizationId, true);
        assertMatches(ifMatch, etagOf(before?.version ?? 0));
        if (method) await this.methods.use(tx, access, method);
        const row = {
          organizationId,
          enabled,
          threshold,
          amount,
          target,
          ...caps,
          method: method && methodOf(method),
          updatedBy: callerIdOf(actor),
        };
        await this.store.put(tx, row);
        await this.alerts.refreshThresholds(tx, organizationId);
        const after = await this.store.find(tx, organizationId);
        const changes = changesOf(toEventPayload(before), toEventPayload(after));
        if (changes) {
          const subject = { type: 'organization', id: organizationId };
          const stream = { kind: 'organization', id: organizationId } as const;
          await this.events.record(tx, stream, { type: 'auto_top_up.updated', actor, subject, ...changes });
        }
        return toAutoTopUpView(after);
      },
      { keepsAccess: true },
    );
    return view;
  }

  /** Buys credits if the balance is below the threshold and no automatic top-up is pending. Returns true if it did. */
  async trigger(organizationId: string): Promise<boolean> {
    // A slow provider would delay every organization that is checked afterwards.
    if (performance.now() < this.pausedUntil) return false;
    const id = await this.createTopUp(organizationId);
    if (id === null) return false;
    const row = await this.topUps.withOperator(this.db.reader, { organizationId, id });
    if (row) await this.charge(row);
    return true;
  }

  /** Charges the stored payment method of a top-up. Repeated calls charge once. */
  async charge(row: DueTopUp): Promise<void> {
    if (!row.paymentMethod) return;
    try {
      const provider = this.providers.get(row.provider);
      const notice = await provider.charge(toPaymentOrder(row, row.operatorSlug, row.operatorName), row.paymentMethod);
      await this.payments.applyPolledStatus(row, notice);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn(`automatic top-up ${row.id} could not be charged: ${error.code}`);
      if (error.code === 'top_ups.provider_unavailable') {
        this.pausedUntil = performance.now() + PAUSE_FACTOR * this.config.paymentTimeoutMs;
      }
      if (error.code !== 'top_ups.provider_refused') return;
      const facts = { failure: 'refused', over: true };
      const nothing = { eventId: null, topUpId: null, checkoutId: null, paymentId: null };
      await this.payments.applyPolledStatus(row, { type: 'refused', ...nothing, facts });
    }
  }

  /** Creates a top-up and returns its id, or null if none is needed. A unique index allows only one that is pending. */
  private createTopUp(organizationId: string): Promise<string | null> {
    return this.db.transaction(
      async (tx) => {
        const { operatorId } = await this.organizations.lock(tx, organizationId);
        const state = await this.ledger.lock(tx, organizationId);
        const auto = await this.store.find(tx, organizationId, true);
        if (!auto?.enabled || !auto.method) return null;
        // `state.now` is the clock of the database, which also set `nextAttemptAt`.
        if (auto.nextAttemptAt.getTime() > state.now) return null;
        applyDueExpiries(state);
        const threshold = BigInt(auto.threshold);
        const { available } = state.balances;
        if (available >= threshold) return null;
        if (!this.providers.isOffered(auto.method.provider)) {
          return this.delay(tx, auto, state.now, 'payment_method_not_accepted', null);
        }
        const purchaseTotals = await this.store.purchaseTotals(tx, organizationId);
        const have = available + purchaseTotals.pending;
        if (state.status !== 'active' || have >= threshold) {
          await this.store.postpone(tx, organizationId, BLOCKED_SECONDS);
          return null;
        }
        const terms = await this.terms.getTerms(operatorId, tx);
        const wanted = auto.amount === null ? BigInt(auto.target ?? '0') - have : BigInt(auto.amount);
        const credits = atLeastChargeable(wanted, terms);
        const cap = reachedCap(auto, purchaseTotals, credits);
        if (cap) return this.delay(tx, auto, state.now, cap.reason, cap.endsAt);
        const price = priceOrReason(credits, terms);
        if (typeof price === 'string') return this.delay(tx, auto, state.now, price, null);
        const { priceMinor, roundedFromMinor, currency } = price;
        const id = newId();
        const row = {
          organizationId,
          id,
          credits: String(credits),
          priceMinor: String(priceMinor),
          roundedFromMinor: roundedFromMinor === null ? null : String(roundedFromMinor),
          currency,
          packageId: null,
          provider: auto.method.provider,
          returnUrl: this.config.baseUrl,
          auto: true,
          requestedBy: auto.updatedBy,
          requestKey: null,
          requestHash: null,
          paymentMethod: auto.method,
        };
        if (!(await this.topUps.insert(tx, row, FIRST_LOOK_SECONDS))) return null;
        await this.store.endDelay(tx, organizationId);
        await this.events.record(
          tx,
          { kind: 'organization', id: organizationId },
          {
            type: 'top_up.created',
            actor: systemActor(),
            subject: { type: 'top_up', id },
            after: { credits: toCredits(credits), priceMinor, currency, provider: row.provider, auto: true },
          },
        );
        return id;
      },
      { keepsAccess: true },
    );
  }

  /** Waits until `endsAt`, or longer each time without one. Tells the reason once. Returns that nothing is bought. */
  private async delay(tx: Tx, auto: AutoTopUp, now: number, because: DelayReason, endsAt: Date | null): Promise<null> {
    const { organizationId, failures } = auto;
    const isKnown = auto.delayedBecause === because && (auto.delayToldUntil?.getTime() ?? 0) > now;
    const wait = Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures, 10), LONGEST_DELAY_MS);
    const until = endsAt ?? new Date(now + wait);
    const toldUntil = isKnown && auto.delayToldUntil ? auto.delayToldUntil : (endsAt ?? new Date(now + TOLD_MS));
    await this.store.delay(tx, organizationId, { because, until, toldUntil, failures: failures + 1 });
    if (isKnown) return null;
    this.logger.warn(`automatic top-up of ${organizationId} waits until ${until.toISOString()}: ${because}`);
    await this.outcomes.announceDelay(tx, organizationId, because, until);
    return null;
  }
}

function assertAmounts(threshold: string, amount: string | null, target: string | null): void {
  const refuse = (field: string, message: string) =>
    commonErrors.validation_failed({ errors: [{ field, message: `${field} ${message}` }] });
  if ((amount === null) === (target === null)) throw refuse('amount', 'or target is required, but not both');
  if (target !== null && BigInt(target) <= BigInt(threshold)) throw refuse('target', 'must be greater than threshold');
}

/** Rejects a cap below what is bought at least each time, because nothing would ever be bought. */
function assertCaps(threshold: string, amount: string | null, target: string | null, caps: Caps, terms: Terms): void {
  const difference = amount === null ? BigInt(target ?? '0') - BigInt(threshold) + 1n : BigInt(amount);
  const least = atLeastChargeable(difference, terms);
  for (const field of ['dailyCap', 'monthlyCap'] as const) {
    const cap = caps[field];
    if (cap === null || BigInt(cap) >= least) continue;
    const what =
      least > difference
        ? `be at least ${toCredits(least)}, which the smallest payment buys`
        : amount === null
          ? 'be greater than the difference between target and threshold'
          : 'be at least amount';
    const message = `${field} must ${what}, or nothing is ever bought`;
    throw commonErrors.validation_failed({ errors: [{ field, code: 'too_small', message }] });
  }
}

/** Returns the cap that a purchase would exceed, and when it counts anew. */
function reachedCap(
  { dailyCap, monthlyCap }: AutoTopUp,
  { today, thisMonth, dayEndsAt, monthEndsAt }: PurchaseTotals,
  credits: bigint,
): { reason: DelayReason; endsAt: Date } | null {
  if (monthlyCap !== null && thisMonth + credits > BigInt(monthlyCap)) {
    return { reason: 'monthly_cap', endsAt: monthEndsAt };
  }
  if (dailyCap !== null && today + credits > BigInt(dailyCap)) return { reason: 'daily_cap', endsAt: dayEndsAt };
  return null;
}

/** Returns the price of credits, or why they cannot be bought in one payment. */
function priceOrReason(credits: bigint, terms: Terms): ReturnType<typeof priceOfCredits> | DelayReason {
  try {
    return priceOfCredits(credits, terms);
  } catch (error) {
    if (error instanceof AppError && error.code === 'top_ups.amount_too_large') return 'amount_too_large';
    if (error instanceof AppError && error.code === 'top_ups.amount_too_small') return 'amount_too_small';
    throw error;
  }
}
