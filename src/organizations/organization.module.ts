import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { MailModule } from '../mail/index.js';
import { PageModule } from '../pages/index.js';
import { OperatorModule } from '../operators/index.js';
import { AuthSettingsModule, BrandingModule } from '../settings/index.js';
import { UserModule } from '../users/index.js';
import {
  OperatorAccessRuleController,
  OrganizationAccessRuleController,
} from './access-rules/access-rule.controller.js';
import { ConditionBudget } from './access-rules/condition-budget.js';
import { CostlyRuleReporter } from './access-rules/costly-rule.reporter.js';
import { AccessRuleService } from './access-rules/access-rule.service.js';
import { AccessRuleStore } from './access-rules/access-rule.store.js';
import { ApiKeyController } from './api-keys/api-key.controller.js';
import { ApiKeyService } from './api-keys/api-key.service.js';
import { ScimKeyController } from './api-keys/scim-key.controller.js';
import { ApiKeyStore } from './api-keys/api-key.store.js';
import { ApiKeyUsageService } from './api-keys/api-key-usage.service.js';
import { CallerNameService } from './caller-name.service.js';
import { DomainRecordService } from './domains/domain-record.service.js';
import { DomainController } from './domains/domain.controller.js';
import { DomainService } from './domains/domain.service.js';
import { DomainRecheckJob } from './domains/domain-recheck.job.js';
import { DomainStore } from './domains/domain.store.js';
import { InvitationResponseService } from './invitations/invitation-response.service.js';
import { InvitationRevocationService } from './invitations/invitation-revocation.service.js';
import { FormerMemberStore } from './former-members/former-member.store.js';
import { InvitationController } from './invitations/invitation.controller.js';
import { InvitationService } from './invitations/invitation.service.js';
import { InvitationStore } from './invitations/invitation.store.js';
import { AccountOrganizationController } from './members/account-organization.controller.js';
import { OrganizationMemberService } from './members/organization-member.service.js';
import { SeatService } from './seat.service.js';
import { OrganizationMemberStore } from './members/organization-member.store.js';
import { RoleTemplateController } from './role-templates/role-template.controller.js';
import { RoleTemplateService } from './role-templates/role-template.service.js';
import { RoleTemplateStore } from './role-templates/role-template.store.js';
import { RoleResolver } from './roles/role-resolver.js';
import { RoleController } from './roles/role.controller.js';
import { RoleService } from './roles/role.service.js';
import { RoleStore } from './roles/role.store.js';
import { RoleUseStore } from './roles/role-use.store.js';
import { UnitReferenceService } from './unit-reference.service.js';
import { OrganizationNoticeService } from './organization-notice.service.js';
import { OrganizationBrandingController } from './organization.settings.js';
import { OrganizationService } from './organization.service.js';
import { OrganizationNoticeStore } from './organization-notice.store.js';
import { UnsubscribeLinkService } from './unsubscribe-link.service.js';
import { UnsubscribeController } from './unsubscribe.page.js';
import { OrganizationStore } from './organization.store.js';

/**
 * The files of this folder come below those of its subfolders, except for this file. The subfolders, lowest first: roles,
 * role-templates, invitations, api-keys, members, domains, access-rules.
 */
@Module({
  imports: [EventModule, MailModule, PageModule, OperatorModule, UserModule, AuthSettingsModule, BrandingModule],
  controllers: [
    OrganizationBrandingController,
    AccountOrganizationController,
    InvitationController,
    ApiKeyController,
    ScimKeyController,
    RoleController,
    RoleTemplateController,
    OrganizationAccessRuleController,
    OperatorAccessRuleController,
    DomainController,
    UnsubscribeController,
  ],
  providers: [
    OrganizationService,
    OrganizationNoticeService,
    OrganizationNoticeStore,
    UnsubscribeLinkService,
    OrganizationStore,
    OrganizationMemberService,
    OrganizationMemberStore,
    FormerMemberStore,
    SeatService,
    ApiKeyService,
    ApiKeyStore,
    ApiKeyUsageService,
    CallerNameService,
    InvitationService,
    InvitationResponseService,
    InvitationRevocationService,
    InvitationStore,
    RoleService,
    RoleResolver,
    RoleStore,
    RoleUseStore,
    UnitReferenceService,
    RoleTemplateService,
    RoleTemplateStore,
    AccessRuleService,
    ConditionBudget,
    CostlyRuleReporter,
    AccessRuleStore,
    DomainService,
    DomainRecordService,
    DomainRecheckJob,
    DomainStore,
  ],
  exports: [
    OrganizationService,
    OrganizationMemberService,
    OrganizationNoticeService,
    InvitationService,
    InvitationResponseService,
    RoleResolver,
    AccessRuleService,
    FormerMemberStore,
    SeatService,
    ApiKeyUsageService,
    DomainService,
    UnitReferenceService,
  ],
})
export class OrganizationModule {}
