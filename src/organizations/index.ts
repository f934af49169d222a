export { LifecycleService } from './lifecycle.service.js';
export { LifecycleTableStore } from './lifecycle.store.js';
export { liveApiKeySql } from './api-keys/api-key.store.js';
export { ApiKeyUses } from './api-keys/api-key-uses.js';
export { DomainRechecks } from './domains/domain-rechecks.js';
export { Domains } from './domains/domain.service.js';
export { InvitationAnswers, type OpenInvitation } from './invitations/invitation-answers.js';
export { invitationErrors } from './invitations/invitation.errors.js';
export { Invitations } from './invitations/invitation.service.js';
export { OrganizationMembers } from './members/organization-member.service.js';
export {
  ConfirmDeletion,
  CreateLifecycle,
  DeletionView,
  LifecycleQuery,
  type LifecycleRow,
  LifecycleView,
  PatchLifecycle,
  PutLifecycle,
  toLifecycleView,
} from './lifecycle.dto.js';
export { LifecycleColumns } from './lifecycle.entity.js';
export { CreateOrganization, OrganizationView, toOrganizationView } from './organization.dto.js';
export { organizationErrors } from './organization.errors.js';
export { OrganizationNotices } from './organization.notices.js';
export { OrganizationModule } from './organization.module.js';
export { AccessRules, type Newcomer } from './access-rules/access-rule.service.js';
export { AddOrganizationMember, MembershipView, OrganizationMemberView } from './members/organization-member.dto.js';
export { Seats } from './members/seats.js';
export { type HeldRole, HeldRoles } from './roles/held-roles.js';
export { UnitReferences } from './unit-references.js';
export { RoleIdsField } from './roles/role.dto.js';
export { organizationLock } from './organization.settings.js';
export { Organizations } from './organization.service.js';
export { inLifecycleStatus, purgeAtSql } from './lifecycle.status.js';
