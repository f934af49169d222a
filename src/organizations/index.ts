export { LifecycleService } from './lifecycle.service.js';
export { addSearch, LifecycleTableStore } from './lifecycle.store.js';
export { ApiKeyUsageService } from './api-keys/api-key-usage.service.js';
export { DomainRecheckJob } from './domains/domain-recheck.job.js';
export { DomainService } from './domains/domain.service.js';
export type { UnitHeld } from './former-members/former-member.entity.js';
export { FormerMemberStore } from './former-members/former-member.store.js';
export { InvitationResponseService, type OpenInvitation } from './invitations/invitation-response.service.js';
export { invitationErrors } from './invitations/invitation.errors.js';
export { InvitationService } from './invitations/invitation.service.js';
export { NOTHING_KEPT, OrganizationMemberService } from './members/organization-member.service.js';
export {
  ConfirmDeletion,
  CreateLifecycle,
  DeletionView,
  LIFECYCLE_SORTS,
  LifecycleQuery,
  type LifecycleRow,
  LifecycleView,
  PatchLifecycle,
  PutLifecycle,
  toLifecycleView,
} from './lifecycle.dto.js';
export { LifecycleColumns } from './lifecycle.entity.js';
export {
  CreateOrganization,
  type OrganizationInclude,
  OrganizationQuery,
  OrganizationView,
  PatchOrganization,
  PutOrganization,
  toOrganizationView,
} from './organization.dto.js';
export { organizationErrors } from './organization.errors.js';
export { OrganizationNoticeService } from './organization-notice.service.js';
export { OrganizationModule } from './organization.module.js';
export { AccessRuleService, type Newcomer } from './access-rules/access-rule.service.js';
export {
  AddOrganizationMember,
  ChangeOrganizationMember,
  MembershipView,
  OrganizationMemberDetailView,
  OrganizationMemberQuery,
  OrganizationMemberView,
} from './members/organization-member.dto.js';
export { SeatService } from './seat.service.js';
export { type RoleAssignment, RoleResolver, toRoleRef } from './roles/role-resolver.js';
export { UnitReferenceService } from './unit-reference.service.js';
export { RoleIdsField, RoleRefView } from './roles/role.dto.js';
export { organizationLock } from './organization.settings.js';
export { OrganizationService } from './organization.service.js';
export { inLifecycleStatus, lifecycleStatusSql, purgeAtSql } from './lifecycle.status.js';
