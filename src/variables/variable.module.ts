import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { UnitModule } from '../units/index.js';
import {
  OperatorVariableController,
  OrganizationVariableController,
  UnitVariableController,
} from './variable.controller.js';
import { VariableService } from './variable.service.js';
import { VariableStore } from './variable.store.js';

@Module({
  imports: [EventModule, OperatorModule, OrganizationModule, UnitModule],
  controllers: [OperatorVariableController, OrganizationVariableController, UnitVariableController],
  providers: [VariableService, VariableStore],
  exports: [VariableService],
})
export class VariableModule {}
