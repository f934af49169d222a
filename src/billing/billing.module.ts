import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { ChargeController } from './charging/charge.controller.js';
import { ChargeMetrics } from './charging/charge-metrics.js';
import { Charges } from './charging/charges.service.js';
import { GroupCommit } from './charging/group-commit.js';
import { LedgerConnections } from './charging/ledger.connections.js';
import { GrantController } from './grants/grant.controller.js';
import { Grants } from './grants/grants.service.js';
import { CreditController } from './ledger/credit.controller.js';
import { Credits } from './ledger/credits.service.js';
import { CreditsStore } from './ledger/credits.store.js';
import { Ledger } from './ledger/ledger.service.js';
import { LedgerStore } from './ledger/ledger.store.js';
import { ProofStore } from './ledger/proof.store.js';

@Module({
  imports: [EventModule],
  controllers: [CreditController, ChargeController, GrantController],
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
    Grants,
  ],
})
export class BillingModule {}
