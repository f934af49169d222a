import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { MailModule } from '../mail/index.js';
import { OperatorModule } from '../operators/index.js';
import { AuthSettingsModule, BrandingModule } from '../settings/index.js';
import { UserModule } from '../users/index.js';
import {
  OperatorAccessRuleController,
  OrganizationAccessRuleController,
} from './access-rules/access-rule.controller.js';
import { AccessRules } from './access-rules/access-rule.service.js';
import { AccessRuleStore } from './access-rules/access-rule.store.js';
import { ApiKeyController } from './api-keys/api-key.controller.js';
import { ApiKeys } from './api-keys/api-key.service.js';
import { ScimKeyController } from './api-keys/scim-key.controller.js';
import { ApiKeyStore } from './api-keys/api-key.store.js';
import { ApiKeyUses } from './api-keys/api-key-uses.js';
import { CallerNames } from './caller-names.js';
import { DomainRecords } from './domains/domain-records.js';
import { DomainController } from './domains/domain.controller.js';
import { Domains } from './domains/domain.service.js';
import { DomainRechecks } from './domains/domain-rechecks.js';
import { DomainStore } from './domains/domain.store.js';
import { InvitationAnswers } from './invitations/invitation-answers.js';
import { InvitationRevocation } from './invitations/invitation-revocation.js';
import { InvitationController } from './invitations/invitation.controller.js';
import { Invitations } from './invitations/invitation.service.js';
import { InvitationStore } from './invitations/invitation.store.js';
import {
  AccountOrganizationController,
  OrganizationMemberController,
} from './members/organization-member.controller.js';
import { OrganizationMembers } from './members/organization-member.service.js';
import { Seats } from './members/seats.js';
import { OrganizationMemberStore } from './members/organization-member.store.js';
import { RoleTemplateController } from './role-templates/role-template.controller.js';
import { RoleTemplates } from './role-templates/role-template.service.js';
import { RoleTemplateStore } from './role-templates/role-template.store.js';
import { HeldRoles } from './roles/held-roles.js';
import { RoleController } from './roles/role.controller.js';
import { Roles } from './roles/role.service.js';
import { RoleStore } from './roles/role.store.js';
import { RoleUseStore } from './roles/role-use.store.js';
import { UnitReferences } from './unit-references.js';
import { OrganizationNotices } from './organization.notices.js';
import { OrganizationController } from './organization.controller.js';
import { OrganizationBrandingController } from './organization.settings.js';
import { Organizations } from './organization.service.js';
import { OrganizationStore } from './organization.store.js';

@Module({
  imports: [EventModule, MailModule, OperatorModule, UserModule, AuthSettingsModule, BrandingModule],
  controllers: [
    OrganizationController,
    OrganizationBrandingController,
    OrganizationMemberController,
    AccountOrganizationController,
    InvitationController,
    ApiKeyController,
    ScimKeyController,
    RoleController,
    RoleTemplateController,
    OrganizationAccessRuleController,
    OperatorAccessRuleController,
    DomainController,
  ],
  providers: [
    Organizations,
    OrganizationNotices,
    OrganizationStore,
    OrganizationMembers,
    OrganizationMemberStore,
    Seats,
    ApiKeys,
    ApiKeyStore,
    ApiKeyUses,
    CallerNames,
    Invitations,
    InvitationAnswers,
    InvitationRevocation,
    InvitationStore,
    Roles,
    HeldRoles,
    RoleStore,
    RoleUseStore,
    UnitReferences,
    RoleTemplates,
    RoleTemplateStore,
    AccessRules,
    AccessRuleStore,
    Domains,
    DomainRecords,
    DomainRechecks,
    DomainStore,
  ],
  exports: [
    Organizations,
    OrganizationMembers,
    OrganizationNotices,
    Invitations,
    InvitationAnswers,
    HeldRoles,
    AccessRules,
    Seats,
    ApiKeyUses,
    Domains,
    UnitReferences,
  ],
})
export class OrganizationModule {}
