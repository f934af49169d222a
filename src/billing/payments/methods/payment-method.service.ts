import { Injectable, Logger } from '@nestjs/common';
import { type Actor, callerIdOf, type OrganizationAccess, systemActor } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import type { Page, PageQuery } from '../../../common/pagination/index.js';
import { EventService, type EventType } from '../../../events/index.js';
import { LedgerService } from '../../ledger/index.js';
import { AutoTopUpOutcomeService } from '../auto-top-up-settings/auto-top-up-outcome.service.js';
import { AutoTopUpStore } from '../auto-top-up-settings/auto-top-up.store.js';
import type { PaymentMethodDetails, PaymentMethod } from '../providers/payment-provider.js';
import { PaymentProviderRegistry } from '../providers/payment-provider.registry.js';
import { topUpErrors } from '../top-up.errors.js';
import { TopUpStore } from '../top-ups/top-up.store.js';
import { type SavedPaymentMethodView, toSavedPaymentMethodView } from './payment-method.dto.js';
import type { SavedPaymentMethod } from './payment-method.entity.js';
import { PaymentMethodStore } from './payment-method.store.js';

/** Lookups at the provider in one request. The next request looks up the rest. */
const MAX_LOOKUPS = 20;
/** The format of provider ids. Anything else cannot exist. */
const METHOD_ID = /^[\w-]{1,255}$/;

/** Returns what a provider needs to charge the method. */
export const methodOf = ({
  provider,
  id,
  customerId,
}: Pick<SavedPaymentMethod, 'provider' | 'id'> & { customerId?: string | null }): PaymentMethod => ({
  provider,
  id,
  ...(customerId && { customerId }),
});

/**
 * Manages saved payment methods. The top-up stores that its method is to be saved, and only the provider knows which method
 * it is. The provider is asked when the methods are needed, so no lost event or crash can lose one.
 */
@Injectable()
export class PaymentMethodService {
  private readonly logger = new Logger('TopUps');

  constructor(
    private readonly db: Database,
    private readonly store: PaymentMethodStore,
    private readonly topUps: TopUpStore,
    private readonly providers: PaymentProviderRegistry,
    private readonly autoStore: AutoTopUpStore,
    private readonly autoTopUps: AutoTopUpOutcomeService,
    private readonly ledger: LedgerService,
    private readonly events: EventService,
  ) {}

  /** Lists saved methods. Omits those that the provider cannot report at the moment. */
  async list({ organizationId }: OrganizationAccess, query: PageQuery): Promise<Page<SavedPaymentMethodView>> {
    await this.fetchSavedMethods(organizationId);
    const page = await this.store.page(this.db.reader, organizationId, query);
    const auto = await this.autoStore.find(this.db.reader, organizationId);
    return { ...page, items: page.items.map((row) => toSavedPaymentMethodView(row, auto?.method?.id ?? null)) };
  }

  /**
   * Removes a method, first at the provider, so that a removed method can never be charged again. Switches off automatic
   * top-up if it uses the method.
   */
  async remove({ organizationId, actor }: OrganizationAccess, id: string): Promise<void> {
    const known = METHOD_ID.test(id) ? await this.store.find(this.db.reader, organizationId, null, id) : null;
    if (known?.id !== id) throw topUpErrors.payment_method_not_found();
    await this.providers.get(known.provider).removeMethod(methodOf(known));
    await this.db.transaction(
      async (tx) => {
        // Lock order: the account comes first.
        await this.ledger.lock(tx, organizationId);
        const row = await this.store.lock(tx, organizationId, id);
        if (!row) throw topUpErrors.payment_method_not_found();
        await this.store.remove(tx, organizationId, id);
        await this.record(tx, actor, 'payment_method.removed', row, 'before');
        await this.autoTopUps.onMethodRemoved(tx, organizationId, id, actor);
      },
      { keepsAccess: true },
    );
  }

  /**
   * Returns the method with the given id, or the most recent one if `methodId` is null. Returns null when no id is given and
   * no method exists.
   */
  async choose(organizationId: string, methodId: string | null): Promise<PaymentMethodDetails | null> {
    if (this.providers.online === null) return null;
    const provider = this.providers.get(this.providers.online);
    const lookupError = await this.fetchSavedMethods(organizationId);
    const saved = await this.store.find(this.db.reader, organizationId, provider.name, methodId);
    if (saved) return { ...saved, ...methodOf(saved), customerId: saved.customerId ?? undefined };
    const shared = provider.sharedMethods.find(({ id }) => methodId === null || id === methodId);
    if (shared) return shared;
    // The method may be one that the provider could not report.
    if (lookupError) throw lookupError;
    if (methodId !== null) throw topUpErrors.payment_method_needed();
    return null;
  }

  /** Checks that a chosen method still exists and saves a shared one. The caller holds the lock on the account. */
  async use(tx: Tx, { organizationId, actor }: OrganizationAccess, method: PaymentMethodDetails): Promise<void> {
    const isShared = this.providers.get(method.provider).sharedMethods.some(({ id }) => id === method.id);
    if (isShared) await this.save(tx, actor, organizationId, method, null, callerIdOf(actor));
    else if (!(await this.store.lock(tx, organizationId, method.id))) throw topUpErrors.payment_method_needed();
  }

  /** Asks the provider which methods were saved. Returns the error if the provider cannot be reached. */
  private async fetchSavedMethods(organizationId: string): Promise<AppError | null> {
    if (this.providers.online === null) return null;
    const provider = this.providers.get(this.providers.online);
    const pending = await this.topUps.findWithUnknownMethod(this.db.reader, organizationId, provider.name, MAX_LOOKUPS);
    try {
      for (const topUp of pending) {
        const method = await provider.savedMethodFor(topUp);
        await this.db.transaction(
          async (tx) => {
            const isFirst = await this.topUps.setPaymentMethod(tx, topUp, method && methodOf(method));
            if (!isFirst || !method) return;
            await this.save(tx, systemActor(), organizationId, method, topUp.id, topUp.requestedBy);
          },
          { keepsAccess: true },
        );
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn(`saved payment methods of ${organizationId} could not be fetched: ${error.code}`);
      return error;
    }
    return null;
  }

  private async save(
    tx: Tx,
    actor: Actor,
    organizationId: string,
    { provider, id, customerId, brand, last4, expMonth, expYear }: PaymentMethodDetails,
    topUpId: string | null,
    createdBy: string,
  ): Promise<void> {
    const card = { brand, last4, expMonth, expYear };
    const row = { organizationId, id, provider, customerId: customerId ?? null, ...card, topUpId, createdBy };
    if (await this.store.insert(tx, row)) await this.record(tx, actor, 'payment_method.saved', row, 'after');
  }

  private record(
    tx: Tx,
    actor: Actor,
    type: EventType,
    row: Omit<SavedPaymentMethod, 'createdAt'>,
    side: 'before' | 'after',
  ): Promise<void> {
    const { organizationId, id, provider, brand, last4, topUpId } = row;
    return this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      { type, actor, subject: { type: 'payment_method', id }, [side]: { provider, brand, last4, topUpId } },
    );
  }
}
