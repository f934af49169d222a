export { LifecycleService } from './lifecycle.service.js';
export { LifecycleTableStore } from './lifecycle.store.js';
export { MembershipView } from './members/organization-member.dto.js';
export { OrganizationMembers } from './members/organization-member.service.js';
export { ConfirmDeletion, CreateOrganization, DeletionView, OrganizationQuery, OrganizationView, PatchOrganization, PutOrganization, toOrganizationView } from './organization.dto.js';
export { organizationErrors } from './organization.errors.js';
export { OrganizationModule } from './organization.module.js';
export { Organizations } from './organization.service.js';
export { inLifecycleStatus, LIFECYCLE_STATUSES, type LifecycleStatus, lifecycleStatus, purgeAtSql } from './organization.status.js';
