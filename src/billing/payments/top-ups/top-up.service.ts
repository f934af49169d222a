import { Injectable, Logger } from '@nestjs/common';
import { callerIdOf, type OrganizationAccess } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { AppError, commonErrors } from '../../../common/errors/index.js';
import { newId } from '../../../common/ids/index.js';
import { currencyOf, MAX_AMOUNT, type Micro, moneyText, toCredits, toMicro } from '../../../common/money/index.js';
import type { Page } from '../../../common/pagination/index.js';
import { EventService } from '../../../events/index.js';
import { OrganizationService } from '../../../organizations/index.js';
import { hashOf, IssuanceService } from '../../ledger/index.js';
import { PackageStore } from '../packages/package.store.js';
import { PaymentService } from './payment.service.js';
import type { PaymentOrder, ProviderName } from '../providers/payment-provider.js';
import { PaymentProviderRegistry } from '../providers/payment-provider.registry.js';
import { type ChargeablePrice, priceIn } from '../price.js';
import { TermsService } from '../terms/terms.service.js';
import type { Terms } from '../terms/terms.types.js';
import { type CreateTopUp, type TopUpQuery, type TopUpView, toTopUpView } from './top-up.dto.js';
import type { TopUp } from './top-up.entity.js';
import { topUpErrors } from '../top-up.errors.js';
import { type NewTopUp, type TopUpKey, TopUpStore } from './top-up.store.js';

/** The delay before the provider is first polled after a failed call or an opened checkout. */
const FIRST_LOOK_SECONDS = 60;
/** Micro-credits times millionths of the smallest unit. */
const SCALE = 1_000_000_000_000n;

interface Price extends ChargeablePrice {
  credits: Micro;
  currency: string;
  packageId: string | null;
}

export interface CreatedTopUp {
  view: TopUpView;
  replayed: boolean;
}

/** Names the purchase for the payer, and says when its price was rounded up. */
function titleOf(row: TopUp, operatorName: string): string {
  const title = `${toCredits(BigInt(row.credits))} credits at ${operatorName}`;
  if (row.roundedFromMinor === null) return title;
  return `${title} (price rounded up from ${moneyText(BigInt(row.roundedFromMinor), row.currency)})`;
}

/** Builds the payment order of a top-up. */
export const toPaymentOrder = (row: TopUp, operatorSlug: string, operatorName: string): PaymentOrder => ({
  organizationId: row.organizationId,
  topUpId: row.id,
  operatorSlug,
  title: titleOf(row, operatorName),
  priceMinor: Number(row.priceMinor),
  currency: row.currency,
  returnUrl: row.returnUrl,
  createdAt: row.createdAt,
  keepMethod: row.keepMethod,
});

/** Creates top-ups, opens their checkouts and handles bank transfers. */
@Injectable()
export class TopUpService {
  private readonly logger = new Logger('TopUps');

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly store: TopUpStore,
    private readonly packages: PackageStore,
    private readonly terms: TermsService,
    private readonly providers: PaymentProviderRegistry,
    private readonly payments: PaymentService,
    private readonly organizations: OrganizationService,
    private readonly events: EventService,
    private readonly issuance: IssuanceService,
  ) {}

  /**
   * Creates a top-up and opens its checkout. A request with a known key returns the existing top-up and opens its checkout
   * if it is not open yet.
   */
  async create(access: OrganizationAccess, input: CreateTopUp, key: string | null): Promise<CreatedTopUp> {
    const { organizationId, operator, actor } = access;
    const requestHash = hashOf(
      'top-up',
      callerIdOf(actor),
      input.credits,
      input.packageId,
      input.returnUrl,
      input.provider,
      input.savePaymentMethod ?? false,
    );
    const known = key === null ? null : await this.store.findByKey(this.db.reader, organizationId, key);
    if (known) return { view: await this.replay(access, known, requestHash), replayed: true };
    const terms = await this.terms.getTerms(operator.id);
    const price = await this.priceOf(access, input, terms);
    const provider = this.providerFor(input.provider, terms);
    const done = `${this.config.baseUrl}/t/${operator.slug}/checkout-done`;
    const returnUrl = input.returnUrl === undefined ? done : this.terms.checkReturnUrl(input.returnUrl, terms);
    const { credits, priceMinor, roundedFromMinor, currency, packageId } = price;
    const row: NewTopUp = {
      organizationId,
      id: newId(),
      credits: String(credits),
      priceMinor: String(priceMinor),
      roundedFromMinor: roundedFromMinor === null ? null : String(roundedFromMinor),
      currency,
      packageId,
      provider,
      returnUrl,
      auto: false,
      requestedBy: callerIdOf(actor),
      requestKey: key,
      requestHash: key === null ? null : requestHash,
      keepMethod: input.savePaymentMethod ?? false,
    };
    const made = await this.insert(access, row);
    if (!made) {
      const first = await this.store.findByKey(this.db.reader, organizationId, key ?? '');
      if (!first) throw commonErrors.conflict();
      return { view: await this.replay(access, first, requestHash), replayed: true };
    }
    await this.openCheckout(await this.get(row), operator.slug, operator.name);
    return { view: await this.view(access, row.id), replayed: false };
  }

  /** Counts payments that are on their way. */
  countUnderway(organizationId: string): Promise<number> {
    return this.store.countUnderway(this.db.reader, organizationId);
  }

  async list(access: OrganizationAccess, query: TopUpQuery): Promise<Page<TopUpView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, query);
    const { bankDetails } = await this.terms.getTerms(access.operator.id);
    return { ...page, items: page.items.map((row) => toTopUpView(row, bankDetails)) };
  }

  async view(access: OrganizationAccess, id: string): Promise<TopUpView> {
    const row = await this.get({ organizationId: access.organizationId, id });
    const { bankDetails } = await this.terms.getTerms(access.operator.id);
    return toTopUpView(row, bankDetails);
  }

  async get(key: TopUpKey): Promise<TopUp> {
    const row = await this.store.find(this.db.reader, key);
    if (!row) throw topUpErrors.not_found();
    return row;
  }

  /** Opens the checkout at the provider, unless it is already open. */
  async openCheckout(row: TopUp, operatorSlug: string, operatorName: string): Promise<void> {
    if (row.state !== 'created') return;
    const { organizationId, id } = row;
    const provider = this.providers.get(row.provider);
    try {
      const checkout = await provider.openCheckout(toPaymentOrder(row, operatorSlug, operatorName));
      await this.db.transaction((tx) => this.store.recordCheckout(tx, row, checkout, FIRST_LOOK_SECONDS), {
        keepsAccess: true,
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn(`the checkout of top-up ${id} could not be opened: ${error.code}`);
      if (error.code === 'top_ups.provider_refused') await this.markFailed({ organizationId, id }, 'refused');
      throw new AppError(error.kind, error.code, error.detail, {
        ...error.options,
        data: { ...error.options.data, topUpId: id },
      });
    }
  }

  /** Ends a top-up that the provider will never accept. */
  async markFailed(key: TopUpKey, failure: string): Promise<void> {
    await this.db.transaction(
      async (tx) => {
        const row = await this.store.lock(tx, key);
        if (row?.state !== 'created') return;
        await this.store.update(tx, { ...row, state: 'failed', failure }, true);
      },
      { keepsAccess: true },
    );
  }

  /** Records that a bank transfer has arrived, perhaps with another amount than asked for. */
  async confirm(access: OrganizationAccess, id: string, amountMinor?: number): Promise<TopUpView> {
    const key = { organizationId: access.organizationId, id };
    const paid = async (row: TopUp, tx: Tx) => {
      if (row.provider !== 'manual' || row.paidAt) throw topUpErrors.not_confirmable();
      const requested = BigInt(row.credits);
      if (amountMinor !== undefined) Object.assign(row, confirmedAmount(row, amountMinor));
      await this.assertMayIssue(tx, access, BigInt(row.credits) - requested);
      return { paid: true };
    };
    await this.payments.applyManualStatus(key, paid, access.actor);
    return this.view(access, id);
  }

  /** Counts credits beyond the requested ones toward what the caller may create without a second person. */
  private async assertMayIssue(tx: Tx, access: OrganizationAccess, credits: bigint): Promise<void> {
    if (credits <= 0n) return;
    const permit = await this.issuance.check(tx, access, credits);
    if (permit.needsApproval) throw topUpErrors.confirmation_too_large();
    await this.issuance.record(tx, access, 'grant', credits, permit);
  }

  /** Ends a bank transfer that will not be made. If it arrives all the same, staff can still confirm it. */
  async cancel(access: OrganizationAccess, id: string): Promise<TopUpView> {
    const key = { organizationId: access.organizationId, id };
    const cancelled = (row: TopUp) => {
      const may = row.requestedBy === callerIdOf(access.actor) || access.permissions.has('credits:readAll');
      if (!may || row.provider !== 'manual' || row.paidAt || row.state === 'failed')
        throw topUpErrors.not_cancellable();
      return { failure: 'cancelled', over: true };
    };
    await this.payments.applyManualStatus(key, cancelled, access.actor);
    return this.view(access, id);
  }

  /** Records a full or partial refund of a bank transfer. */
  async refund(access: OrganizationAccess, id: string, amountMinor: number): Promise<TopUpView> {
    const key = { organizationId: access.organizationId, id };
    const refunded = (row: TopUp) => {
      const refundedMinor = Number(row.refundedMinor) + amountMinor;
      if (row.provider !== 'manual' || !row.paidAt || refundedMinor > Number(row.priceMinor))
        throw topUpErrors.not_refundable();
      return { refunds: { totals: [{ amountMinor: refundedMinor, at: Math.floor(Date.now() / 1000) }] } };
    };
    await this.payments.applyManualStatus(key, refunded, access.actor);
    return this.view(access, id);
  }

  async closeReview(access: OrganizationAccess, id: string, note: string): Promise<TopUpView> {
    await this.payments.closeReview({ organizationId: access.organizationId, id }, note, access.actor);
    return this.view(access, id);
  }

  private async replay(access: OrganizationAccess, row: TopUp, requestHash: string): Promise<TopUpView> {
    if (row.requestHash !== requestHash) throw topUpErrors.key_mismatch();
    await this.openCheckout(row, access.operator.slug, access.operator.name);
    return this.view(access, row.id);
  }

  private insert(access: OrganizationAccess, row: NewTopUp): Promise<boolean> {
    return this.db.transaction(
      async (tx) => {
        await this.organizations.lockActive(tx, row.organizationId);
        if (!(await this.store.insert(tx, row, FIRST_LOOK_SECONDS))) return false;
        await this.record(tx, access, row);
        return true;
      },
      { keepsAccess: true },
    );
  }

  private record(tx: Tx, { actor }: OrganizationAccess, row: NewTopUp): Promise<void> {
    return this.events.record(
      tx,
      { kind: 'organization', id: row.organizationId },
      {
        type: 'top_up.created',
        actor,
        subject: { type: 'top_up', id: row.id },
        after: {
          credits: toCredits(BigInt(row.credits)),
          priceMinor: Number(row.priceMinor),
          currency: row.currency,
          provider: row.provider,
          packageId: row.packageId,
        },
      },
    );
  }

  private async priceOf(access: OrganizationAccess, { credits, packageId }: CreateTopUp, terms: Terms): Promise<Price> {
    if ((credits === undefined) === (packageId === undefined)) {
      const message = 'exactly one of credits and packageId is required';
      throw commonErrors.validation_failed({ errors: [{ field: 'credits', message }] });
    }
    if (packageId !== undefined) {
      const found = await this.packages.find(this.db.reader, access.operator.id, packageId);
      if (!found?.active) throw topUpErrors.package_not_found();
      const { currency } = found;
      const price = priceIn(BigInt(found.roundedFromMinor ?? found.priceMinor), currency);
      return { credits: BigInt(found.credits), ...assertChargeable(price, currency), currency, packageId };
    }
    return { ...priceOfCredits(toMicro(credits ?? '0'), terms), packageId: null };
  }

  private providerFor(requested: ProviderName | undefined, { bankDetails }: Terms): ProviderName {
    const name = requested ?? this.providers.online;
    if (name === null || (name !== 'manual' && this.providers.online === null)) throw topUpErrors.no_provider();
    if (!this.providers.isOffered(name) || (name === 'manual' && bankDetails === null)) {
      throw topUpErrors.provider_not_offered();
    }
    return name;
  }
}

/** Returns price and credits of a transfer of another amount, and keeps what was asked for. Rounds credits down. */
function confirmedAmount(row: TopUp, amountMinor: number): Partial<TopUp> {
  if (amountMinor === Number(row.priceMinor)) return {};
  const credits = (BigInt(row.credits) * BigInt(amountMinor)) / BigInt(row.priceMinor);
  const { maxMinor } = currencyOf(row.currency);
  if (amountMinor > maxMinor || credits <= 0n || credits > MAX_AMOUNT) {
    const message = `amountMinor must be at most ${maxMinor} and pay for 0.000001 to 1000000000 credits`;
    throw commonErrors.validation_failed({ errors: [{ field: 'amountMinor', message }] });
  }
  const requested = { priceMinor: row.priceMinor, credits: row.credits };
  return { priceMinor: String(amountMinor), credits: String(credits), requested };
}

/** Calculates the price of credits without a package, rounded up to an amount that can be charged. */
export function priceOfCredits(credits: Micro, { creditPrice, currency }: Terms): Omit<Price, 'packageId'> {
  const minor = (credits * creditPrice + SCALE - 1n) / SCALE;
  return { credits, ...assertChargeable(priceIn(minor, currency), currency), currency };
}

/** Returns the number of credits, or more if they cost less than the smallest amount that can be charged. */
export function atLeastChargeable(credits: Micro, { creditPrice, currency }: Terms): Micro {
  const least = (BigInt(currencyOf(currency).minMinor) * SCALE + creditPrice - 1n) / creditPrice;
  return credits < least ? least : credits;
}

function assertChargeable(price: ChargeablePrice, currency: string): ChargeablePrice {
  const { minMinor, maxMinor } = currencyOf(currency);
  if (price.priceMinor > maxMinor) throw topUpErrors.amount_too_large({ data: { maxMinor, currency } });
  if (price.priceMinor < minMinor) throw topUpErrors.amount_too_small({ data: { minMinor, currency } });
  return price;
}
