import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationPlanController, PlanController } from './plan.controller.js';
import { PlanService } from './plan.service.js';
import { PlanStore } from './plan.store.js';

@Module({
  imports: [EventModule, OperatorModule],
  controllers: [PlanController, OrganizationPlanController],
  providers: [PlanService, PlanStore],
  exports: [PlanService],
})
export class PlanModule {}
