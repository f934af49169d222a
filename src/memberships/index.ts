export { MembershipModule } from './membership.module.js';
export { Memberships } from './membership.service.js';
