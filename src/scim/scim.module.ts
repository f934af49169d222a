import { Module } from '@nestjs/common';
import { AccessModule } from '../auth/access/index.js';
import { IdentityModule } from '../auth/identity/index.js';
import { SsoModule } from '../auth/sso/index.js';
import { EventModule } from '../events/index.js';
import { AdmissionModule } from '../admission/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { SettingModule } from '../settings/index.js';
import { UnitModule } from '../units/index.js';
import { UserModule } from '../users/index.js';
import { ScimAccessService } from './access/scim-access.service.js';
import { ScimBulkController } from './bulk/scim-bulk.controller.js';
import { ScimBulkService } from './bulk/scim-bulk.service.js';
import { ScimDiscoveryController } from './discovery/scim-discovery.controller.js';
import { ScimGroupController } from './groups/scim-group.controller.js';
import { ScimGroupService } from './groups/scim-group.service.js';
import { ScimGroupStore } from './groups/scim-group.store.js';
import { GroupGrantService } from './settings/group-grant.service.js';
import { GroupGrantStore } from './settings/group-grant.store.js';
import { ScimSettingsController } from './settings/scim-settings.controller.js';
import { ScimSettingsService } from './settings/scim-settings.service.js';
import { ScimSettingsStore } from './settings/scim-settings.store.js';
import { ScimAccountService } from './users/scim-account.service.js';
import { ScimUserController } from './users/scim-user.controller.js';
import { ScimUserService } from './users/scim-user.service.js';
import { ScimUserStore } from './users/scim-user.store.js';

/** Folders, lowest first: protocol, access, discovery, settings (with what groups grant), users, groups, bulk. */
@Module({
  imports: [
    EventModule,
    UserModule,
    OrganizationModule,
    UnitModule,
    SettingModule,
    AdmissionModule,
    AccessModule,
    IdentityModule,
    SsoModule,
  ],
  controllers: [
    ScimDiscoveryController,
    ScimUserController,
    ScimGroupController,
    ScimBulkController,
    ScimSettingsController,
  ],
  providers: [
    GroupGrantService,
    GroupGrantStore,
    ScimAccessService,
    ScimAccountService,
    ScimBulkService,
    ScimGroupService,
    ScimGroupStore,
    ScimSettingsService,
    ScimSettingsStore,
    ScimUserService,
    ScimUserStore,
  ],
})
export class ScimModule {}
