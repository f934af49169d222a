import { Module } from '@nestjs/common';
import { AccessModule } from '../auth/access/index.js';
import { IdentityModule } from '../auth/identity/index.js';
import { SsoModule } from '../auth/sso/index.js';
import { LedgerModule } from '../billing/ledger/index.js';
import { PaymentModule } from '../billing/payments/index.js';
import { RunModule } from '../billing/runs/index.js';
import { ArtifactModule } from '../artifacts/index.js';
import { SubscriptionModule } from '../billing/subscriptions/index.js';
import { ContentModule } from '../content/index.js';
import { MailModule } from '../mail/index.js';
import { EventModule } from '../events/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { UnitModule } from '../units/index.js';
import { UserModule } from '../users/index.js';
import { CiphertextBindingService } from './ciphertext-binding.service.js';
import { BootstrapService } from './bootstrap.service.js';
import { ImpactService } from './impact.service.js';
import { OwnOperatorController, PlatformOperatorController } from './operator.controller.js';
import { OrganizationController } from './organization.controller.js';
import { OrganizationListService } from './organization-list.service.js';
import { OrganizationListStore } from './organization-list.store.js';
import { OperatorCreationService } from './operator-creation.service.js';
import { OrganizationCreationService } from './organization-creation.service.js';

@Module({
  imports: [
    EventModule,
    AccessModule,
    IdentityModule,
    SsoModule,
    LedgerModule,
    PaymentModule,
    RunModule,
    ArtifactModule,
    SubscriptionModule,
    ContentModule,
    MailModule,
    OperatorModule,
    UserModule,
    OrganizationModule,
    UnitModule,
  ],
  controllers: [PlatformOperatorController, OwnOperatorController, OrganizationController],
  providers: [
    BootstrapService,
    CiphertextBindingService,
    ImpactService,
    OperatorCreationService,
    OrganizationCreationService,
    OrganizationListService,
    OrganizationListStore,
  ],
  exports: [BootstrapService, OperatorCreationService],
})
export class ProvisioningModule {}
