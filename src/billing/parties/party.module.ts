import { Module } from '@nestjs/common';
import { EventModule } from '../../events/index.js';
import { OperatorModule } from '../../operators/index.js';
import { OrganizationModule } from '../../organizations/index.js';
import { BillingDetailsController, SellerController } from './party.controller.js';
import { PartyService } from './party.service.js';
import { PartyStore } from './party.store.js';

@Module({
  imports: [EventModule, OperatorModule, OrganizationModule],
  controllers: [SellerController, BillingDetailsController],
  providers: [PartyStore, PartyService],
  exports: [PartyStore, PartyService],
})
export class PartyModule {}
