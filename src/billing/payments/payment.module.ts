import { Module } from '@nestjs/common';
import { DocumentModule } from '../../common/documents/index.js';
import { EventModule } from '../../events/index.js';
import { OperatorModule } from '../../operators/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { PageModule } from '../../pages/index.js';
import { BrandingModule } from '../../settings/index.js';
import { LedgerModule } from '../ledger/index.js';
import { PartyModule } from '../parties/index.js';
import { AutoTopUpOutcomeService } from './auto-top-up-settings/auto-top-up-outcome.service.js';
import { AutoTopUpStore } from './auto-top-up-settings/auto-top-up.store.js';
import { AutoTopUpController } from './auto-top-ups/auto-top-up.controller.js';
import { AutoTopUpService } from './auto-top-ups/auto-top-up.service.js';
import { BalanceThresholdJob } from './auto-top-ups/balance-threshold.job.js';
import { PaymentMethodController } from './methods/payment-method.controller.js';
import { PaymentMethodService } from './methods/payment-method.service.js';
import { PaymentMethodStore } from './methods/payment-method.store.js';
import { OfferedPackageController, PackageController } from './packages/package.controller.js';
import { PackageService } from './packages/package.service.js';
import { PackageStore } from './packages/package.store.js';
import { PaymentMetrics } from './payment.metrics.js';
import { ManualProvider } from './providers/manual/manual.provider.js';
import { PaymentProviderRegistry } from './providers/payment-provider.registry.js';
import { SandboxWebhookService } from './providers/sandbox/sandbox-webhook.service.js';
import { SandboxController } from './providers/sandbox/sandbox.controller.js';
import { SandboxProvider } from './providers/sandbox/sandbox.provider.js';
import { SandboxService } from './providers/sandbox/sandbox.service.js';
import { SandboxStore } from './providers/sandbox/sandbox.store.js';
import { StripeProvider } from './providers/stripe/stripe.provider.js';
import { PaymentComparisonJob } from './reconciliation/payment-comparison.job.js';
import { PaymentReconciliationJob } from './reconciliation/payment-reconciliation.job.js';
import { ReceiptController } from './receipts/receipt.controller.js';
import { ReceiptService } from './receipts/receipt.service.js';
import { ReceiptIssuerService } from './receipt-numbers/receipt-issuer.service.js';
import { ReceiptStore } from './receipt-numbers/receipt.store.js';
import { TermsController } from './terms/terms.controller.js';
import { TermsService } from './terms/terms.service.js';
import { TermsStore } from './terms/terms.store.js';
import { CheckoutDoneController } from './top-ups/checkout-done.controller.js';
import { PaymentEventStore } from './top-ups/payment-event.store.js';
import { PaymentController } from './top-ups/payment.controller.js';
import { PaymentService } from './top-ups/payment.service.js';
import { SettlementService } from './top-ups/settlement.service.js';
import { TopUpController } from './top-ups/top-up.controller.js';
import { TopUpService } from './top-ups/top-up.service.js';
import { TopUpStore } from './top-ups/top-up.store.js';

@Module({
  imports: [
    DocumentModule,
    EventModule,
    OperatorModule,
    OrganizationModule,
    PageModule,
    BrandingModule,
    LedgerModule,
    PartyModule,
  ],
  controllers: [
    PackageController,
    OfferedPackageController,
    TermsController,
    TopUpController,
    ReceiptController,
    PaymentController,
    SandboxController,
    CheckoutDoneController,
    AutoTopUpController,
    PaymentMethodController,
  ],
  providers: [
    PackageStore,
    PackageService,
    TermsStore,
    TermsService,
    TopUpStore,
    PaymentEventStore,
    SandboxStore,
    SandboxProvider,
    SandboxWebhookService,
    SandboxService,
    StripeProvider,
    ManualProvider,
    PaymentProviderRegistry,
    PaymentMetrics,
    PaymentService,
    SettlementService,
    TopUpService,
    ReceiptStore,
    ReceiptIssuerService,
    ReceiptService,
    PaymentComparisonJob,
    PaymentReconciliationJob,
    AutoTopUpStore,
    AutoTopUpOutcomeService,
    PaymentMethodStore,
    PaymentMethodService,
    AutoTopUpService,
    BalanceThresholdJob,
  ],
  exports: [PackageService, TopUpService],
})
export class PaymentModule {}
