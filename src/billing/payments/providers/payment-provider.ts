import type { ReportedFacts } from '../payment-facts.js';

export const PROVIDER_NAMES = ['stripe', 'sandbox', 'manual'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** Identifies a saved payment method that can be charged while the payer is not present. */
export interface PaymentMethod {
  provider: ProviderName;
  id: string;
  /** The provider's id of the customer who owns the method. */
  customerId?: string;
}

/** Adds the details that a payer recognizes a method by. Null means unknown or not applicable. */
export interface PaymentMethodDetails extends PaymentMethod {
  brand: string | null;
  last4: string | null;
  expMonth: number | null;
  expYear: number | null;
}

/** An amount as the provider states it. Null means that the provider did not state it. */
export interface ReportedMoney {
  /** The paid amount, in the smallest unit of the currency. Only payments state it. */
  amountMinor: number | null;
  /** In upper case. */
  currency: string | null;
}

/**
 * Reports which payment a provider knows and the facts about it. It never says how many credits to grant or to whom: that
 * comes from the top-up alone.
 */
export interface PaymentNotice {
  /** The provider's id of the event. Null when the provider was polled. */
  eventId: string | null;
  type: string;
  /** The id of the top-up, as it was passed to the provider. */
  topUpId: string | null;
  checkoutId: string | null;
  paymentId: string | null;
  facts: ReportedFacts;
  /** The organization, as it was passed to the provider. */
  organizationId?: string | null;
  /** The money that the provider reports. It is compared with the top-up before the facts are applied. */
  money?: ReportedMoney;
  /** True when the payer has paid and the transfer of the money, which may take days, is pending. */
  underway?: boolean;
}

/** Describes a payment to request from a provider. */
export interface PaymentOrder {
  organizationId: string;
  topUpId: string;
  operatorSlug: string;
  /** Shown to the payer. */
  title: string;
  priceMinor: number;
  currency: string;
  returnUrl: string;
  createdAt: Date;
  /** Also saves the payment method for automatic top-ups. */
  keepMethod?: boolean;
}

export interface Checkout {
  checkoutId: string | null;
  /** The page where the payer pays. Null when there is none, as for a bank transfer. */
  checkoutUrl: string | null;
}

/** Lists recently paid checkouts and the provider's ids of recently refunded or disputed payments. */
export interface RecentActivity {
  checkouts: PaymentNotice[];
  paymentIds: string[];
}

/** Identifies a top-up and its checkout or payment at the provider. */
export interface OpenCheckout {
  organizationId: string;
  id: string;
  checkoutId: string | null;
  paymentId: string | null;
}

/**
 * Takes payments. Callers must not hold a transaction open, because each method may take seconds. Methods throw
 * top_ups.provider_unavailable when a later attempt can succeed and top_ups.provider_refused when it cannot.
 */
export interface PaymentProvider {
  readonly name: ProviderName;
  /** True when its events can arrive in any order, so that one that contradicts another makes it worth asking. */
  readonly isAskedInDoubt: boolean;
  /** Opens a checkout. Repeated calls for one top-up return the same checkout. */
  openCheckout(order: PaymentOrder): Promise<Checkout>;
  /** Methods that every organization can use without saving one. The first is the default. */
  readonly sharedMethods: readonly PaymentMethodDetails[];
  /** Returns the method that was saved when the checkout was paid, or null if none was. */
  savedMethodFor(checkout: OpenCheckout): Promise<PaymentMethodDetails | null>;
  /** Removes a saved method. Removing an unknown method changes nothing. */
  removeMethod(method: PaymentMethod): Promise<void>;
  /** Charges a saved method, at most once for each top-up, and returns the result. */
  charge(order: PaymentOrder, method: PaymentMethod): Promise<PaymentNotice>;
  /** Returns the current status of a payment, or null if the provider knows nothing about it. */
  fetchStatus(checkout: OpenCheckout): Promise<PaymentNotice | null>;
  /** Returns recent activity, to be compared with the stored top-ups. */
  recentActivity(since: Date): Promise<RecentActivity>;
  /** Verifies and parses a webhook event. Returns null for an event type that is not used. */
  parseEvent(body: Buffer, signature: string | undefined): Promise<PaymentNotice | null>;
  /** Returns the id of the top-up that a payment belongs to, or null if it belongs to none. */
  findTopUpId(paymentId: string): Promise<string | null>;
}
