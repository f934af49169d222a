import type { PaymentFacts } from '../payment-facts.js';

export const PROVIDER_NAMES = ['stripe', 'sandbox', 'manual'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** What pays without the payer. */
export interface PaymentMethod {
  provider: ProviderName;
  id: string;
  /** Whose it is at the provider. */
  customerId?: string;
}

/** A method of payment as people know it. What is null is not known, or it has none. */
export interface KeptMethod extends PaymentMethod {
  brand: string | null;
  last4: string | null;
  expMonth: number | null;
  expYear: number | null;
}

/** What a provider says of a payment: which one, and facts of it. Never amounts to grant, nor to whom. */
export interface PaymentNotice {
  /** The provider's name of the event; null when it was asked. */
  eventId: string | null;
  type: string;
  /** Our name of the top-up, as we gave it to the provider. */
  topUpId: string | null;
  checkoutId: string | null;
  paymentId: string | null;
  facts: Partial<PaymentFacts>;
  /** The payer has done his part, and the money is on its way, which may take days. */
  underway?: boolean;
}

/** What is to be paid, and by which name. */
export interface Order {
  organizationId: string;
  topUpId: string;
  operatorSlug: string;
  /** What the payer reads. */
  title: string;
  priceMinor: number;
  currency: string;
  returnUrl: string;
  createdAt: Date;
  /** Also keeps the method for payments without the payer. */
  keepMethod?: boolean;
}

export interface Checkout {
  checkoutId: string | null;
  /** Where the payer goes; null: nowhere, he is told what to do. */
  checkoutUrl: string | null;
}

/** The provider's names of checkouts that were paid, and of payments that were refunded or disputed. */
export interface Recent {
  checkoutIds: string[];
  paymentIds: string[];
}

/** One that a checkout was opened with. */
export interface Placed {
  organizationId: string;
  id: string;
  checkoutId: string | null;
  paymentId: string | null;
}

/**
 * Whoever takes the money. No method is called within a transaction: each may take seconds. They throw
 * top_ups.provider_unavailable where waiting helps and top_ups.provider_refused where it does not.
 */
export interface PaymentProvider {
  readonly name: ProviderName;
  /** Opens a checkout; asked twice for one top-up it gives the same. */
  open(order: Order): Promise<Checkout>;
  /** Methods that everybody has; the first pays where none is named. */
  readonly everybodys: readonly KeptMethod[];
  /** What was kept when a checkout was paid; null: nothing. */
  keptWith(placed: Placed): Promise<KeptMethod | null>;
  /** Keeps a method no longer; one it does not keep changes nothing. */
  forget(method: PaymentMethod): Promise<void>;
  /** Has an order paid without the payer, once for each top-up; tells how it went. */
  charge(order: Order, method: PaymentMethod): Promise<PaymentNotice>;
  /** What it knows now; null: nothing. */
  look(placed: Placed): Promise<PaymentNotice | null>;
  /** What it has heard of lately, by its own names: to be compared with what we have. */
  recent(since: Date): Promise<Recent>;
  /** Reads a signed event; null: one of no interest. Throws top_ups.invalid_signature, top_ups.invalid_event. */
  read(body: Buffer, signature: string | undefined): Promise<PaymentNotice | null>;
  /** Which top-up a payment is for, by our name; null: none of ours. */
  topUpOf(paymentId: string): Promise<string | null>;
}
