import { Injectable, Logger } from '@nestjs/common';
import { callerIdOf, type OrganizationAccess, systemActor } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { changesOf, Database } from '../../../common/database/index.js';
import { AppError, commonErrors } from '../../../common/errors/index.js';
import { assertMatches, etagOf } from '../../../http/index.js';
import { newId } from '../../../common/ids/index.js';
import { toCredits, toMicro } from '../../../common/money/index.js';
import { Events } from '../../../events/index.js';
import { Organizations } from '../../../organizations/index.js';
import { AlertStore, LedgerService, applyDueExpiries } from '../../ledger/index.js';
import { methodOf, PaymentMethods } from '../methods/payment-method.service.js';
import { Payments } from '../top-ups/payment.service.js';
import { Providers } from '../providers/provider.registry.js';
import { TopUpTerms } from '../terms/terms.service.js';
import { topUpErrors } from '../top-up.errors.js';
import { type DueTopUp, TopUpStore } from '../top-ups/top-up.store.js';
import { orderOf, priceOfCredits } from '../top-ups/top-up.service.js';
import { type AutoTopUpView, type PutAutoTopUp, toAutoTopUpView } from './auto-top-up.dto.js';
import type { AutoTopUp } from '../auto-top-up-settings/auto-top-up.entity.js';
import { AutoTopUpStore, type Bought } from '../auto-top-up-settings/auto-top-up.store.js';

const FIRST_LOOK_SECONDS = 60;
/** What does not fit under a cap is looked at again so much later. */
const CAPPED_SECONDS = 900;
/** After a provider did not answer nothing is begun for so many times as long as it may take. */
const QUIET_TIMES = 4;

const factsOf = (row: AutoTopUp | null) => {
  const { enabled, threshold, amount, target, dailyCap, monthlyCap, paymentMethod } = toAutoTopUpView(row);
  return { enabled, threshold, amount, target, dailyCap, monthlyCap, paymentMethodId: paymentMethod?.id ?? null };
};

const micro = (credits: string | null | undefined): string | null =>
  credits === null || credits === undefined ? null : String(toMicro(credits));

/** Buying by itself: one at a time, what is on its way counted, within its caps, and never in a loop of declines. */
@Injectable()
export class AutoTopUps {
  private readonly logger = new Logger('TopUps');
  private quietUntil = 0;

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly store: AutoTopUpStore,
    private readonly topUps: TopUpStore,
    private readonly alerts: AlertStore,
    private readonly terms: TopUpTerms,
    private readonly providers: Providers,
    private readonly methods: PaymentMethods,
    private readonly payments: Payments,
    private readonly organizations: Organizations,
    private readonly ledger: LedgerService,
    private readonly events: Events,
  ) {}

  async view({ organizationId }: OrganizationAccess): Promise<AutoTopUpView> {
    return toAutoTopUpView(await this.store.find(this.db.reader, organizationId));
  }

  /** Throws validation_failed, top_ups.payment_method_needed, top_ups.amount_too_large, .provider_unavailable, precondition_failed. */
  async put(access: OrganizationAccess, input: PutAutoTopUp, ifMatch: string | undefined): Promise<AutoTopUpView> {
    const { organizationId, operator, actor } = access;
    const { enabled } = input;
    const [threshold, amount, target] = [String(toMicro(input.threshold)), micro(input.amount), micro(input.target)];
    assertAmounts(threshold, amount, target);
    priceOfCredits(BigInt(amount ?? target ?? '0'), await this.terms.of(operator.id));
    const method = await this.methods.choose(organizationId, input.paymentMethodId ?? null);
    if (!method && enabled) throw topUpErrors.payment_method_needed();
    const caps = { dailyCap: micro(input.dailyCap), monthlyCap: micro(input.monthlyCap) };
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
        const changes = changesOf(factsOf(before), factsOf(after));
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

  /** Buys what is missing, if anything is and nothing is on its way. True when it did. */
  async trigger(organizationId: string): Promise<boolean> {
    // A provider that is slow for one would be slow for all who wait behind it.
    if (performance.now() < this.quietUntil) return false;
    const id = await this.begin(organizationId);
    if (id === null) return false;
    const row = await this.topUps.withOperator(this.db.reader, { organizationId, id });
    if (row) await this.charge(row);
    return true;
  }

  /** Has one that was begun paid, by what it was begun with; asked twice the provider does it once. */
  async charge(row: DueTopUp): Promise<void> {
    if (!row.paymentMethod) return;
    try {
      const provider = this.providers.named(row.provider);
      const notice = await provider.charge(orderOf(row, row.operatorSlug, row.operatorName), row.paymentMethod);
      await this.payments.learn(row, notice);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn(`automatic top-up ${row.id} was not paid yet: ${error.code}`);
      if (error.code === 'top_ups.provider_unavailable') {
        this.quietUntil = performance.now() + QUIET_TIMES * this.config.paymentTimeoutMs;
      }
      if (error.code !== 'top_ups.provider_refused') return;
      const facts = { failure: 'refused', over: true };
      const nothing = { eventId: null, topUpId: null, checkoutId: null, paymentId: null };
      await this.payments.learn(row, { type: 'refused', ...nothing, facts });
    }
  }

  /** The row of a new one, or null when none is to be bought now. The unique index lets only one be on its way. */
  private begin(organizationId: string): Promise<string | null> {
    return this.db.transaction(
      async (tx) => {
        const { operatorId } = await this.organizations.lock(tx, organizationId);
        const state = await this.ledger.lock(tx, organizationId);
        const auto = await this.store.find(tx, organizationId, true);
        if (!auto?.enabled || !auto.method || state.status !== 'active') return null;
        // By the clock of the database, as whoever set it.
        if (auto.nextAttemptAt.getTime() > state.now) return null;
        if (!this.providers.isOffered(auto.method.provider)) return null;
        applyDueExpiries(state);
        const bought = await this.store.bought(tx, organizationId);
        const have = state.balances.available + bought.pending;
        if (have >= BigInt(auto.threshold)) return null;
        const credits = auto.amount === null ? BigInt(auto.target ?? '0') - have : BigInt(auto.amount);
        if (!fits(auto, bought, credits)) {
          this.logger.warn(`automatic top-up of ${organizationId} would be more than its cap`);
          await this.store.postpone(tx, organizationId, CAPPED_SECONDS);
          return null;
        }
        const { priceMinor, currency } = priceOfCredits(credits, await this.terms.of(operatorId, tx));
        const id = newId();
        const row = {
          organizationId,
          id,
          credits: String(credits),
          priceMinor: String(priceMinor),
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
}

/** Throws validation_failed. */
function assertAmounts(threshold: string, amount: string | null, target: string | null): void {
  const refuse = (field: string, message: string) =>
    commonErrors.validation_failed({ errors: [{ field, message: `${field} ${message}` }] });
  if ((amount === null) === (target === null)) throw refuse('amount', 'or target must be given, and not both');
  if (target !== null && BigInt(target) <= BigInt(threshold)) throw refuse('target', 'must be more than threshold');
}

function fits({ dailyCap, monthlyCap }: AutoTopUp, { today, thisMonth }: Bought, credits: bigint): boolean {
  return (
    (dailyCap === null || today + credits <= BigInt(dailyCap)) &&
    (monthlyCap === null || thisMonth + credits <= BigInt(monthlyCap))
  );
}
