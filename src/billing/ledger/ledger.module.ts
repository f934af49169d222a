import { Module } from '@nestjs/common';
import { EventModule } from '../../events/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { UnitModule } from '../../units/index.js';
import { AdjustmentController } from './adjustments/adjustment.controller.js';
import { Adjustments } from './adjustments/adjustment.service.js';
import { AdjustmentStore } from './adjustments/adjustment.store.js';
import { AlertController } from './alerts/alert.controller.js';
import { Alerts } from './alerts/alert.service.js';
import { AlertStore } from './alerts/alert.store.js';
import { CreditController } from './balances/credit.controller.js';
import { Credits } from './balances/credit.service.js';
import { CreditsStore } from './balances/credit.store.js';
import { ChargeMetrics } from './charging/charge-metrics.js';
import { ChargeController } from './charging/charge.controller.js';
import { Charges } from './charging/charge.service.js';
import { GroupCommit } from './charging/group-commit.js';
import { LedgerConnections } from './charging/ledger.connections.js';
import { RefundController } from './charging/refund.controller.js';
import { EntryController } from './entries/entry.controller.js';
import { Entries } from './entries/entry.service.js';
import { EntryStore } from './entries/entry.store.js';
import { GrantController } from './grants/grant.controller.js';
import { Grants } from './grants/grant.service.js';
import { Sweep } from './holds/hold-expiry.job.js';
import { SweepStore } from './holds/hold-expiry.store.js';
import { HoldController } from './holds/hold.controller.js';
import { Holds } from './holds/hold.service.js';
import { Ledger } from './ledger.service.js';
import { LimitController } from './limits/limit.controller.js';
import { Limits } from './limits/limit.service.js';
import { LimitStore } from './limits/limit.store.js';
import { LedgerStore } from './storage/ledger.store.js';
import { Rollup } from './usage/usage-rollup.job.js';
import { RollupStore } from './usage/usage-rollup.store.js';
import { ProofStore } from './verification/proof.store.js';
import { RecountStore } from './verification/recount.store.js';
import { VerificationSchedule } from './verification/verification.job.js';
import { Verification } from './verification/verification.service.js';

@Module({
  imports: [EventModule, OrganizationModule, UnitModule],
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
    RollupStore,
    Rollup,
    RecountStore,
    Verification,
    VerificationSchedule,
    AlertStore,
    Alerts,
  ],
  exports: [Alerts, AlertStore, Credits, EntryStore, Ledger, Rollup, Verification],
})
export class LedgerModule {}
