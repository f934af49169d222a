import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OperatorModule } from '../operators/index.js';
import { StaffController } from './staff/staff.controller.js';
import { Staff } from './staff/staff.service.js';
import { StaffStore } from './staff/staff.store.js';
import { AccountController, UserController } from './user.controller.js';
import { Users } from './user.service.js';
import { UserStore } from './user.store.js';

@Module({
  imports: [EventModule, OperatorModule],
  controllers: [UserController, AccountController, StaffController],
  providers: [Users, UserStore, Staff, StaffStore],
  exports: [Users, Staff],
})
export class UserModule {}
