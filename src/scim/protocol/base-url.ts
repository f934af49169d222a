import type { OrganizationAccess } from '../../common/access/index.js';
import type { Config } from '../../common/config/index.js';

/** Returns the SCIM base URL of the organization, which its identity provider is configured with. */
export const scimBaseUrl = ({ baseUrl }: Config, { operator, organizationId }: OrganizationAccess): string =>
  `${baseUrl}/t/${operator.slug}/api/v1/organizations/${organizationId}/scim/v2`;
