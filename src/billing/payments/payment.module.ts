import { Module } from '@nestjs/common';
import { EventModule } from '../../events/index.js';
import { OperatorModule } from '../../operators/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { PageModule } from '../../pages/index.js';
import { BrandingModule } from '../../settings/index.js';
import { LedgerModule } from '../ledger/index.js';
import { AutoTopUpOutcome } from './auto-top-up-settings/auto-top-up-outcome.js';
import { AutoTopUpStore } from './auto-top-up-settings/auto-top-up.store.js';
import { AutoTopUpController } from './auto-top-ups/auto-top-up.controller.js';
import { AutoTopUps } from './auto-top-ups/auto-top-up.service.js';
import { Watch } from './auto-top-ups/balance-threshold.job.js';
import { PaymentMethodController } from './methods/payment-method.controller.js';
import { PaymentMethods } from './methods/payment-method.service.js';
import { PaymentMethodStore } from './methods/payment-method.store.js';
import { OfferedPackageController, PackageController } from './packages/package.controller.js';
import { Packages } from './packages/package.service.js';
import { PackageStore } from './packages/package.store.js';
import { ManualProvider } from './providers/manual/manual.provider.js';
import { Providers } from './providers/provider.registry.js';
import { SandboxWebhooks } from './providers/sandbox/sandbox-webhooks.js';
import { SandboxController } from './providers/sandbox/sandbox.controller.js';
import { SandboxProvider } from './providers/sandbox/sandbox.provider.js';
import { Sandbox } from './providers/sandbox/sandbox.service.js';
import { SandboxStore } from './providers/sandbox/sandbox.store.js';
import { StripeProvider } from './providers/stripe/stripe.provider.js';
import { Reconciler } from './reconciliation/payment-reconciliation.job.js';
import { TermsController } from './terms/terms.controller.js';
import { TopUpTerms } from './terms/terms.service.js';
import { TermsStore } from './terms/terms.store.js';
import { CheckoutDoneController } from './top-ups/checkout-done.controller.js';
import { PaymentEventStore } from './top-ups/payment-event.store.js';
import { PaymentController } from './top-ups/payment.controller.js';
import { Payments } from './top-ups/payment.service.js';
import { TopUpController } from './top-ups/top-up.controller.js';
import { TopUps } from './top-ups/top-up.service.js';
import { TopUpStore } from './top-ups/top-up.store.js';

@Module({
  imports: [EventModule, OperatorModule, OrganizationModule, PageModule, BrandingModule, LedgerModule],
  controllers: [
    PackageController,
    OfferedPackageController,
    TermsController,
    TopUpController,
    PaymentController,
    SandboxController,
    CheckoutDoneController,
    AutoTopUpController,
    PaymentMethodController,
  ],
  providers: [
    PackageStore,
    Packages,
    TermsStore,
    TopUpTerms,
    TopUpStore,
    PaymentEventStore,
    SandboxStore,
    SandboxProvider,
    SandboxWebhooks,
    Sandbox,
    StripeProvider,
    ManualProvider,
    Providers,
    Payments,
    TopUps,
    Reconciler,
    AutoTopUpStore,
    AutoTopUpOutcome,
    PaymentMethodStore,
    PaymentMethods,
    AutoTopUps,
    Watch,
  ],
})
export class PaymentModule {}
