import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorModule } from '../operators/index.js';
import { StaffController } from './staff/staff.controller.js';
import { StaffService } from './staff/staff.service.js';
import { StaffStore } from './staff/staff.store.js';
import { AccountController, UserController } from './user.controller.js';
import { UserService } from './user.service.js';
import { UserStore } from './user.store.js';

@Module({
  imports: [EventModule, OperatorModule],
  controllers: [UserController, AccountController, StaffController],
  providers: [UserService, UserStore, StaffService, StaffStore],
  exports: [UserService, StaffService],
})
export class UserModule {}
