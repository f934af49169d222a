import { Module } from '@nestjs/common';
import { EventModule } from '../../events/index.js';
import { MailModule } from '../../mail/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { UnitModule } from '../../units/index.js';
import { AdjustmentController } from './adjustments/adjustment.controller.js';
import { AdjustmentService } from './adjustments/adjustment.service.js';
import { ScheduledGrantJob } from './adjustments/scheduled-grant.job.js';
import { ScheduledGrantService } from './adjustments/scheduled-grant.service.js';
import { AdjustmentStore } from './adjustments/adjustment.store.js';
import { AlertController } from './alerts/alert.controller.js';
import { AlertService } from './alerts/alert.service.js';
import { AlertStore } from './alerts/alert.store.js';
import { TimeBasedAlertJob } from './alerts/time-based-alert.job.js';
import { CreditController } from './balances/credit.controller.js';
import { CreditService } from './balances/credit.service.js';
import { CreditStore } from './balances/credit.store.js';
import { ChargeMetrics } from './charging/charge-metrics.js';
import { ChargeController } from './charging/charge.controller.js';
import { ChargeStore } from './charging/charge.store.js';
import { ChargeService } from './charging/charge.service.js';
import { GroupCommit } from './charging/group-commit.js';
import { LedgerConnections } from './charging/ledger.connections.js';
import { RefundController } from './charging/refund.controller.js';
import { EntryController } from './entries/entry.controller.js';
import { EntryService } from './entries/entry.service.js';
import { EntryStore } from './entries/entry.store.js';
import { GrantController } from './adjustments/grant.controller.js';
import { GrantStore } from './adjustments/grant.store.js';
import { IssuanceService } from './adjustments/issuance.service.js';
import { IssuanceStore } from './adjustments/issuance.store.js';
import { HoldExpiryJob } from './holds/hold-expiry.job.js';
import { HoldExpiryStore } from './holds/hold-expiry.store.js';
import { HoldController } from './holds/hold.controller.js';
import { HoldStore } from './holds/hold.store.js';
import { HoldService } from './holds/hold.service.js';
import { LedgerService } from './ledger.service.js';
import { LimitController } from './limits/limit.controller.js';
import { LimitService } from './limits/limit.service.js';
import { LimitStore } from './limits/limit.store.js';
import { LedgerStore } from './storage/ledger.store.js';
import { UsageRollupJob } from './usage/usage-rollup.job.js';
import { UsageRollupStore } from './usage/usage-rollup.store.js';
import { ProofStore } from './verification/proof.store.js';
import { RecountStore } from './verification/recount.store.js';
import { VerificationJob } from './verification/verification.job.js';
import { VerificationService } from './verification/verification.service.js';

@Module({
  imports: [EventModule, MailModule, OrganizationModule, UnitModule],
  controllers: [
    CreditController,
    EntryController,
    ChargeController,
    RefundController,
    HoldController,
    LimitController,
    GrantController,
    AdjustmentController,
    AlertController,
  ],
  providers: [
    LedgerStore,
    LedgerService,
    CreditStore,
    ProofStore,
    CreditService,
    LedgerConnections,
    ChargeMetrics,
    GroupCommit,
    ChargeStore,
    ChargeService,
    HoldStore,
    HoldService,
    HoldExpiryStore,
    HoldExpiryJob,
    EntryStore,
    EntryService,
    LimitStore,
    LimitService,
    IssuanceStore,
    IssuanceService,
    GrantStore,
    AdjustmentStore,
    AdjustmentService,
    ScheduledGrantService,
    ScheduledGrantJob,
    UsageRollupStore,
    TimeBasedAlertJob,
    UsageRollupJob,
    RecountStore,
    VerificationService,
    VerificationJob,
    AlertStore,
    AlertService,
  ],
  exports: [
    AlertService,
    AlertStore,
    CreditService,
    EntryStore,
    IssuanceService,
    LedgerService,
    UsageRollupJob,
    VerificationService,
  ],
})
export class LedgerModule {}
