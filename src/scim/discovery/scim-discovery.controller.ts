import { Controller, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { SCIM_BODY_LIMIT } from '../../http/index.js';
import { MAX_BULK_OPERATIONS } from '../protocol/bulk-request.js';
import { scimBaseUrl } from '../protocol/base-url.js';
import { scimErrors } from '../protocol/scim.errors.js';
import { LIST, RESOURCE } from '../protocol/scim.openapi.js';
import { SCIM_PATH, ScimDiscovery } from '../protocol/scim-routes.js';
import { ENTERPRISE, ENTERPRISE_URN, GROUP, GROUP_URN, type Schema, USER, USER_URN } from '../protocol/attributes.js';
import { MAX_COUNT } from '../protocol/list-query.js';
import { listResponse, type ListResponse } from '../protocol/resource.js';

const RESOURCE_TYPES = [
  {
    id: 'User',
    name: 'User',
    endpoint: '/Users',
    description: USER.description,
    schema: USER_URN,
    schemaExtensions: [{ schema: ENTERPRISE_URN, required: false }],
  },
  {
    id: 'Group',
    name: 'Group',
    endpoint: '/Groups',
    description: GROUP.description,
    schema: GROUP_URN,
    schemaExtensions: [],
  },
];
const SCHEMAS = [USER, ENTERPRISE, GROUP];

const URN = 'urn:ietf:params:scim:schemas:core:2.0';

const typeResource = (type: (typeof RESOURCE_TYPES)[number], base: string) => ({
  schemas: [`${URN}:ResourceType`],
  ...type,
  meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.id}` },
});

const schemaResource = (schema: Schema, base: string) => ({
  schemas: [`${URN}:Schema`],
  ...schema,
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
});

/** Describes what this service supports. Clients ask before they provision. */
@ApiTags('SCIM')
@Controller(SCIM_PATH)
export class ScimDiscoveryController {
  constructor(private readonly config: Config) {}

  @ScimDiscovery('ServiceProviderConfig', { summary: 'Read which parts of SCIM 2.0 are supported.' }, RESOURCE)
  getScimServiceProviderConfig(@CurrentAccess() access: OrganizationAccess): object {
    return {
      schemas: [`${URN}:ServiceProviderConfig`],
      patch: { supported: true },
      bulk: { supported: true, maxOperations: MAX_BULK_OPERATIONS, maxPayloadSize: SCIM_BODY_LIMIT },
      filter: { supported: true, maxResults: MAX_COUNT },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: 'OAuth Bearer Token',
          description: 'A SCIM key that an admin of the organization creates.',
          specUri: 'https://www.rfc-editor.org/info/rfc6750',
          primary: true,
        },
      ],
      meta: {
        resourceType: 'ServiceProviderConfig',
        location: `${scimBaseUrl(this.config, access)}/ServiceProviderConfig`,
      },
    };
  }

  @ScimDiscovery('ResourceTypes', { summary: 'List the resource types.' }, LIST)
  listScimResourceTypes(@CurrentAccess() access: OrganizationAccess): ListResponse {
    const base = scimBaseUrl(this.config, access);
    return listResponse(
      RESOURCE_TYPES.length,
      1,
      RESOURCE_TYPES.map((type) => typeResource(type, base)),
    );
  }

  @ScimDiscovery('ResourceTypes/:resourceType', { summary: 'Read a resource type.' }, RESOURCE, [
    'scim.resource_not_found',
  ])
  getScimResourceType(@CurrentAccess() access: OrganizationAccess, @Param('resourceType') id: string): object {
    const type = RESOURCE_TYPES.find((one) => one.id === id);
    if (!type) throw scimErrors.resource_not_found();
    return typeResource(type, scimBaseUrl(this.config, access));
  }

  @ScimDiscovery('Schemas', { summary: 'List the schemas of users and groups.' }, LIST)
  listScimSchemas(@CurrentAccess() access: OrganizationAccess): ListResponse {
    const base = scimBaseUrl(this.config, access);
    return listResponse(
      SCHEMAS.length,
      1,
      SCHEMAS.map((schema) => schemaResource(schema, base)),
    );
  }

  @ScimDiscovery('Schemas/:schemaUrn', { summary: 'Read a schema.' }, RESOURCE, ['scim.resource_not_found'])
  getScimSchema(@CurrentAccess() access: OrganizationAccess, @Param('schemaUrn') urn: string): object {
    const schema = SCHEMAS.find(({ id }) => id.toLowerCase() === urn.toLowerCase());
    if (!schema) throw scimErrors.resource_not_found();
    return schemaResource(schema, scimBaseUrl(this.config, access));
  }
}
