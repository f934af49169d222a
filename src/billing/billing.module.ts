import { Module } from '@nestjs/common';
import { ClusterModule } from '../clusters/index.js';
import { EventModule } from '../events/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { PlanModule } from '../plans/index.js';
import { BrandingModule } from '../settings/index.js';
import { UnitModule } from '../units/index.js';
import { AdjustmentController } from './adjustments/adjustment.controller.js';
import { AdjustmentStore } from './adjustments/adjustment.store.js';
import { Adjustments } from './adjustments/adjustments.service.js';
import { ChargeController } from './charging/charge.controller.js';
import { ChargeMetrics } from './charging/charge-metrics.js';
import { Charges } from './charging/charges.service.js';
import { GroupCommit } from './charging/group-commit.js';
import { LedgerConnections } from './charging/ledger.connections.js';
import { RefundController } from './charging/refund.controller.js';
import { Entries } from './entries/entries.service.js';
import { EntryController } from './entries/entry.controller.js';
import { EntryStore } from './entries/entry.store.js';
import { GrantController } from './grants/grant.controller.js';
import { Grants } from './grants/grants.service.js';
import { HoldController } from './holds/hold.controller.js';
import { Holds } from './holds/holds.service.js';
import { CreditController } from './ledger/credit.controller.js';
import { Credits } from './ledger/credits.service.js';
import { CreditsStore } from './ledger/credits.store.js';
import { Ledger } from './ledger/ledger.service.js';
import { LedgerStore } from './ledger/ledger.store.js';
import { ProofStore } from './verification/proof.store.js';
import { LimitController } from './limits/limit.controller.js';
import { LimitStore } from './limits/limit.store.js';
import { Limits } from './limits/limits.service.js';
import { Sweep } from './holds/sweep.schedule.js';
import { SweepStore } from './holds/sweep.store.js';
import { RunController } from './runs/run.controller.js';
import { RunSchedule } from './runs/run.schedule.js';
import { Runs } from './runs/run.service.js';
import { RunSettling } from './runs/run-settling.service.js';
import { RunStore } from './runs/run.store.js';
import { SubscriptionController } from './subscriptions/subscription.controller.js';
import { SubscriptionSchedule } from './subscriptions/subscription.schedule.js';
import { Subscriptions } from './subscriptions/subscription.service.js';
import { SubscriptionStore } from './subscriptions/subscription.store.js';
import { OperatorModule } from '../operators/index.js';
import { PageModule } from '../pages/index.js';
import { AlertController } from './alerts/alert.controller.js';
import { AlertStore } from './alerts/alert.store.js';
import { Alerts } from './alerts/alerts.service.js';
import { AutoTopUpOutcome } from './top-ups/auto/auto-outcome.js';
import { AutoTopUpController } from './top-ups/auto/auto-top-up.controller.js';
import { AutoTopUpStore } from './top-ups/auto/auto-top-up.store.js';
import { AutoTopUps } from './top-ups/auto/auto-top-ups.service.js';
import { Watch } from './top-ups/auto/watch.schedule.js';
import { CheckoutDoneController } from './top-ups/checkout-done.controller.js';
import { PaymentMethodController } from './top-ups/methods/payment-method.controller.js';
import { PaymentMethodStore } from './top-ups/methods/payment-method.store.js';
import { PaymentMethods } from './top-ups/methods/payment-methods.service.js';
import { OfferedPackageController, PackageController } from './top-ups/packages/package.controller.js';
import { Packages } from './top-ups/packages/package.service.js';
import { PackageStore } from './top-ups/packages/package.store.js';
import { PaymentController } from './top-ups/payment.controller.js';
import { PaymentEventStore } from './top-ups/payment-event.store.js';
import { Payments } from './top-ups/payments.service.js';
import { ManualProvider } from './top-ups/providers/manual/manual.provider.js';
import { Providers } from './top-ups/providers/providers.js';
import { Reconciler } from './top-ups/reconciler.schedule.js';
import { SandboxController } from './top-ups/providers/sandbox/sandbox.controller.js';
import { SandboxProvider } from './top-ups/providers/sandbox/sandbox.provider.js';
import { Sandbox } from './top-ups/providers/sandbox/sandbox.service.js';
import { SandboxStore } from './top-ups/providers/sandbox/sandbox.store.js';
import { SandboxWebhooks } from './top-ups/providers/sandbox/sandbox-webhooks.js';
import { StripeProvider } from './top-ups/providers/stripe/stripe.provider.js';
import { TermsController } from './top-ups/terms/terms.controller.js';
import { TopUpTerms } from './top-ups/terms/terms.service.js';
import { TermsStore } from './top-ups/terms/terms.store.js';
import { TopUpController } from './top-ups/top-up.controller.js';
import { TopUpStore } from './top-ups/top-up.store.js';
import { TopUps } from './top-ups/top-ups.service.js';
import { ReportController } from './reports/report.controller.js';
import { Reports } from './reports/reports.service.js';
import { ReportStore } from './reports/report.store.js';
import { Rollup } from './reports/rollup.schedule.js';
import { RollupStore } from './reports/rollup.store.js';
import { RecountStore } from './verification/recount.store.js';
import { VerificationSchedule } from './verification/verification.schedule.js';
import { Verification } from './verification/verification.service.js';

@Module({
  imports: [
    BrandingModule,
    EventModule,
    OperatorModule,
    OrganizationModule,
    PageModule,
    PlanModule,
    UnitModule,
    ClusterModule,
  ],
  controllers: [
    CreditController,
    EntryController,
    ChargeController,
    RefundController,
    HoldController,
    LimitController,
    GrantController,
    AdjustmentController,
    SubscriptionController,
    ReportController,
    PackageController,
    OfferedPackageController,
    TermsController,
    TopUpController,
    PaymentController,
    SandboxController,
    CheckoutDoneController,
    RunController,
    AlertController,
    AutoTopUpController,
    PaymentMethodController,
  ],
  providers: [
    LedgerStore,
    Ledger,
    CreditsStore,
    ProofStore,
    Credits,
    LedgerConnections,
    ChargeMetrics,
    GroupCommit,
    Charges,
    Holds,
    SweepStore,
    Sweep,
    EntryStore,
    Entries,
    LimitStore,
    Limits,
    Grants,
    AdjustmentStore,
    Adjustments,
    SubscriptionStore,
    Subscriptions,
    SubscriptionSchedule,
    RunStore,
    RunSettling,
    Runs,
    RunSchedule,
    RollupStore,
    Rollup,
    ReportStore,
    Reports,
    RecountStore,
    Verification,
    VerificationSchedule,
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
    AlertStore,
    Alerts,
    AutoTopUpStore,
    AutoTopUpOutcome,
    PaymentMethodStore,
    PaymentMethods,
    AutoTopUps,
    Watch,
  ],
  exports: [Verification, Rollup, Credits, Subscriptions, Runs],
})
export class BillingModule {}
