import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { EventModule } from '../events/index.js';
import { MembershipModule } from '../memberships/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { SettingModule } from '../settings/index.js';
import { UnitModule } from '../units/index.js';
import { UserModule } from '../users/index.js';
import { GroupGrants } from './groups/group-grants.js';
import { ScimGroupController } from './groups/scim-group.controller.js';
import { ScimGroups } from './groups/scim-group.service.js';
import { ScimGroupStore } from './groups/scim-group.store.js';
import { ScimDiscoveryController } from './schema/discovery.controller.js';
import { ScimEntrance } from './scim-entrance.js';
import { ScimSettingsController } from './settings/scim-settings.controller.js';
import { ScimSettingsService } from './settings/scim-settings.service.js';
import { ScimSettingsStore } from './settings/scim-settings.store.js';
import { ScimAccounts } from './users/scim-account.js';
import { ScimUserController } from './users/scim-user.controller.js';
import { ScimUsers } from './users/scim-user.service.js';
import { ScimUserStore } from './users/scim-user.store.js';

@Module({
  imports: [EventModule, UserModule, OrganizationModule, UnitModule, SettingModule, MembershipModule, AuthModule],
  controllers: [ScimDiscoveryController, ScimUserController, ScimGroupController, ScimSettingsController],
  providers: [
    GroupGrants,
    ScimAccounts,
    ScimEntrance,
    ScimGroups,
    ScimGroupStore,
    ScimSettingsService,
    ScimSettingsStore,
    ScimUsers,
    ScimUserStore,
  ],
})
export class ScimModule {}
