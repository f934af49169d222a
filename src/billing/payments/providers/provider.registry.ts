import { Injectable } from '@nestjs/common';
import { Config } from '../../../common/config/index.js';
import { topUpErrors } from '../top-up.errors.js';
import { ManualProvider } from './manual/manual.provider.js';
import type { PaymentProvider, ProviderName } from './payment-provider.js';
import { SandboxProvider } from './sandbox/sandbox.provider.js';
import { StripeProvider } from './stripe/stripe.provider.js';

/** Who takes money here. */
@Injectable()
export class Providers {
  private readonly all: Readonly<Record<ProviderName, PaymentProvider>>;
  /** Where one pays online. */
  readonly online: ProviderName;

  constructor(config: Config, stripe: StripeProvider, sandbox: SandboxProvider, manual: ManualProvider) {
    this.all = { stripe, sandbox, manual };
    this.online = config.stripeSecretKey ? 'stripe' : 'sandbox';
  }

  /** Whether new payments are made there: never in the sandbox where real money is taken. */
  isOffered(name: ProviderName): boolean {
    return name === 'manual' || name === this.online;
  }

  /** Throws top_ups.provider_not_found. */
  named(name: string): PaymentProvider {
    if (!Object.hasOwn(this.all, name)) throw topUpErrors.provider_not_found();
    return this.all[name as ProviderName];
  }
}
