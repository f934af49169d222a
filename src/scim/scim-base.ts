import type { OrganizationAccess } from '../common/access/index.js';
import type { Config } from '../common/config/index.js';

/** Below which the resources of an organization are. */
export const scimBase = ({ baseUrl }: Config, { operator, organizationId }: OrganizationAccess): string =>
  `${baseUrl}/t/${operator.slug}/api/v1/organizations/${organizationId}/scim/v2`;
