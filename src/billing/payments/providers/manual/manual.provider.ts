import { Injectable } from '@nestjs/common';
import { topUpErrors } from '../../top-up.errors.js';
import type { Checkout, PaymentNotice, PaymentProvider, RecentActivity } from '../payment-provider.js';

/** Handles bank transfers, which the operator's staff confirm by hand. */
@Injectable()
export class ManualProvider implements PaymentProvider {
  readonly name = 'manual';
  readonly isAskedInDoubt = false;
  readonly sharedMethods = [];

  openCheckout(): Promise<Checkout> {
    return Promise.resolve({ checkoutId: null, checkoutUrl: null });
  }

  savedMethodFor(): Promise<null> {
    return Promise.resolve(null);
  }

  removeMethod(): Promise<void> {
    return Promise.resolve();
  }

  charge(): Promise<PaymentNotice> {
    return Promise.reject(topUpErrors.provider_refused());
  }

  fetchStatus(): Promise<null> {
    return Promise.resolve(null);
  }

  recentActivity(): Promise<RecentActivity> {
    return Promise.resolve({ checkouts: [], paymentIds: [] });
  }

  parseEvent(): Promise<PaymentNotice | null> {
    return Promise.reject(topUpErrors.provider_not_found());
  }

  findTopUpId(): Promise<null> {
    return Promise.resolve(null);
  }
}
