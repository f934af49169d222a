import { Module } from '@nestjs/common';
import { IdentityModule } from '../auth/identity/index.js';
import { EventModule } from '../events/index.js';
import { MailModule } from '../mail/index.js';
import { OperatorModule } from '../operators/index.js';
import { UserModule } from '../users/index.js';
import { AccountExportService } from './account-export.service.js';
import { BlockingService } from './blocking.service.js';
import { ErasureService } from './erasure.service.js';
import { OwnAccountController } from './own-account.controller.js';
import { PasswordChangeService } from './password-change.service.js';
import { PersonalApiKeyService } from './personal-api-key.service.js';
import { PersonStore } from './person.store.js';
import { StaffUserController } from './staff-user.controller.js';
import { UserDetailService } from './user-detail.service.js';
import { UserDetailStore } from './user-detail.store.js';

@Module({
  imports: [EventModule, OperatorModule, UserModule, MailModule, IdentityModule],
  controllers: [StaffUserController, OwnAccountController],
  providers: [
    AccountExportService,
    BlockingService,
    ErasureService,
    PasswordChangeService,
    PersonalApiKeyService,
    PersonStore,
    UserDetailService,
    UserDetailStore,
  ],
})
export class PeopleModule {}
