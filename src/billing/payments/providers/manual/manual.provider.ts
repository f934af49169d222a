import { Injectable } from '@nestjs/common';
import { topUpErrors } from '../../top-up.errors.js';
import type { Checkout, PaymentNotice, PaymentProvider, Recent } from '../payment-provider.js';

/** Bank transfers: nobody but the operator's staff knows of them. */
@Injectable()
export class ManualProvider implements PaymentProvider {
  readonly name = 'manual';
  readonly everybodys = [];

  open(): Promise<Checkout> {
    return Promise.resolve({ checkoutId: null, checkoutUrl: null });
  }

  keptWith(): Promise<null> {
    return Promise.resolve(null);
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  charge(): Promise<PaymentNotice> {
    return Promise.reject(topUpErrors.provider_refused());
  }

  look(): Promise<null> {
    return Promise.resolve(null);
  }

  recent(): Promise<Recent> {
    return Promise.resolve({ checkoutIds: [], paymentIds: [] });
  }

  read(): Promise<PaymentNotice | null> {
    return Promise.reject(topUpErrors.provider_not_found());
  }

  topUpOf(): Promise<null> {
    return Promise.resolve(null);
  }
}
