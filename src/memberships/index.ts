export { MembershipModule } from './membership.module.js';
export { Memberships, type Vouched } from './membership.service.js';
