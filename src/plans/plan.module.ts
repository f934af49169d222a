import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationPlanController, PlanController } from './plan.controller.js';
import { Plans } from './plan.service.js';
import { PlanStore } from './plan.store.js';

@Module({
  imports: [EventModule, OperatorModule],
  controllers: [PlanController, OrganizationPlanController],
  providers: [Plans, PlanStore],
  exports: [Plans],
})
export class PlanModule {}
