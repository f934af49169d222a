import { Injectable } from '@nestjs/common';
import { Config } from '../../../common/config/index.js';
import { topUpErrors } from '../top-up.errors.js';
import { ManualProvider } from './manual/manual.provider.js';
import type { PaymentProvider, ProviderName } from './payment-provider.js';
import { SandboxProvider } from './sandbox/sandbox.provider.js';
import { StripeProvider } from './stripe/stripe.provider.js';

/** Gives access to the configured payment providers. */
@Injectable()
export class PaymentProviderRegistry {
  private readonly all: Readonly<Record<ProviderName, PaymentProvider>>;
  /** The provider for online payments, or null if none is configured. */
  readonly online: ProviderName | null;

  constructor(config: Config, stripe: StripeProvider, sandbox: SandboxProvider, manual: ManualProvider) {
    this.all = { stripe, sandbox, manual };
    this.online = config.stripeSecretKey ? 'stripe' : config.sandbox ? 'sandbox' : null;
  }

  /** Returns whether the provider accepts new payments. The sandbox does not once real money is charged. */
  isOffered(name: ProviderName): boolean {
    return name === 'manual' || name === this.online;
  }

  get(name: string): PaymentProvider {
    if (!Object.hasOwn(this.all, name)) throw topUpErrors.provider_not_found();
    return this.all[name as ProviderName];
  }
}
