import { Injectable, Logger } from '@nestjs/common';
import { type Actor, callerIdOf, type OrganizationAccess, systemActor } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../common/database/index.js';
import { AppError } from '../../../common/errors/index.js';
import type { Page, PageQuery } from '../../../common/pagination/index.js';
import { Events, type EventType } from '../../../events/index.js';
import { LedgerService } from '../../ledger/index.js';
import { AutoTopUpOutcome } from '../auto-top-up-settings/auto-top-up-outcome.js';
import { AutoTopUpStore } from '../auto-top-up-settings/auto-top-up.store.js';
import type { KeptMethod, PaymentMethod } from '../providers/payment-provider.js';
import { Providers } from '../providers/provider.registry.js';
import { topUpErrors } from '../top-up.errors.js';
import { TopUpStore } from '../top-ups/top-up.store.js';
import { type SavedPaymentMethodView, toSavedPaymentMethodView } from './payment-method.dto.js';
import type { SavedPaymentMethod } from './payment-method.entity.js';
import { PaymentMethodStore } from './payment-method.store.js';

/** Asked for at once; what is left comes with the next look. */
const MAX_ASKED = 20;
/** As providers name them; anything else names nothing. */
const NAME = /^[\w-]{1,255}$/;

/** What a provider needs to charge it. */
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
 * What pays without the payer. That a top-up's method is to be kept is known here, which one it is the provider knows: it is
 * asked when somebody wants to know, so that no event and no crash can lose it.
 */
@Injectable()
export class PaymentMethods {
  private readonly logger = new Logger('TopUps');

  constructor(
    private readonly db: Database,
    private readonly store: PaymentMethodStore,
    private readonly topUps: TopUpStore,
    private readonly providers: Providers,
    private readonly autoStore: AutoTopUpStore,
    private readonly autoTopUps: AutoTopUpOutcome,
    private readonly ledger: LedgerService,
    private readonly events: Events,
  ) {}

  /** What the provider does not tell now is left out. Throws invalid_cursor. */
  async list({ organizationId }: OrganizationAccess, query: PageQuery): Promise<Page<SavedPaymentMethodView>> {
    await this.askForKept(organizationId);
    const page = await this.store.page(this.db.reader, organizationId, query);
    const auto = await this.autoStore.find(this.db.reader, organizationId);
    return { ...page, items: page.items.map((row) => toSavedPaymentMethodView(row, auto?.method?.id ?? null)) };
  }

  /**
   * At the provider first: what was removed here is never charged again. Automatic top-up that pays with it is switched off.
   * Throws top_ups.payment_method_not_found, top_ups.provider_unavailable.
   */
  async remove({ organizationId, actor }: OrganizationAccess, id: string): Promise<void> {
    const known = NAME.test(id) ? await this.store.find(this.db.reader, organizationId, null, id) : null;
    if (known?.id !== id) throw topUpErrors.payment_method_not_found();
    await this.providers.named(known.provider).forget(methodOf(known));
    await this.db.transaction(
      async (tx) => {
        // The account first: the order of locks.
        await this.ledger.lock(tx, organizationId);
        const row = await this.store.lock(tx, organizationId, id);
        if (!row) throw topUpErrors.payment_method_not_found();
        await this.store.remove(tx, organizationId, id);
        await this.record(tx, actor, 'payment_method.removed', row, 'before');
        await this.autoTopUps.methodRemoved(tx, organizationId, id, actor);
      },
      { keepsAccess: true },
    );
  }

  /**
   * The one that is named, or the last one; null when none is named and there is none. Throws top_ups.payment_method_needed,
   * top_ups.provider_unavailable.
   */
  async choose(organizationId: string, name: string | null): Promise<KeptMethod | null> {
    const provider = this.providers.named(this.providers.online);
    const find = () => this.store.find(this.db.reader, organizationId, provider.name, name);
    const trouble = await this.askForKept(organizationId);
    const saved = await find();
    if (saved) return { ...saved, ...methodOf(saved), customerId: saved.customerId ?? undefined };
    const everybodys = provider.everybodys.find(({ id }) => name === null || id === name);
    if (everybodys) return everybodys;
    // It may be one of those that the provider did not tell of.
    if (trouble) throw trouble;
    if (name !== null) throw topUpErrors.payment_method_needed();
    return null;
  }

  /** Makes sure that a chosen one is still there; the account is locked. Throws top_ups.payment_method_needed. */
  async use(tx: Tx, { organizationId, actor }: OrganizationAccess, method: KeptMethod): Promise<void> {
    const isEverybodys = this.providers.named(method.provider).everybodys.some(({ id }) => id === method.id);
    if (isEverybodys) await this.save(tx, actor, organizationId, method, null, callerIdOf(actor));
    else if (!(await this.store.lock(tx, organizationId, method.id))) throw topUpErrors.payment_method_needed();
  }

  /** Finds out which methods were kept; gives why the provider did not tell. */
  private async askForKept(organizationId: string): Promise<AppError | null> {
    const provider = this.providers.named(this.providers.online);
    const kept = await this.topUps.findKept(this.db.reader, organizationId, provider.name, MAX_ASKED);
    try {
      for (const topUp of kept) {
        const method = await provider.keptWith(topUp);
        await this.db.transaction(
          async (tx) => {
            const isFirst = await this.topUps.keep(tx, topUp, method && methodOf(method));
            if (!isFirst || !method) return;
            await this.save(tx, systemActor(), organizationId, method, topUp.id, topUp.requestedBy);
          },
          { keepsAccess: true },
        );
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn(`saved methods of payment of ${organizationId} are not known yet: ${error.code}`);
      return error;
    }
    return null;
  }

  private async save(
    tx: Tx,
    actor: Actor,
    organizationId: string,
    { provider, id, customerId, brand, last4, expMonth, expYear }: KeptMethod,
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
    when: 'before' | 'after',
  ): Promise<void> {
    const { organizationId, id, provider, brand, last4, topUpId } = row;
    return this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      { type, actor, subject: { type: 'payment_method', id }, [when]: { provider, brand, last4, topUpId } },
    );
  }
}
