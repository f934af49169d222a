import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { AnyRequest, ApiErrors } from '../../http/index.js';
import { scimBase } from '../scim-base.js';
import { scimErrors } from '../scim.errors.js';
import { AnswersScim, LIST, ENTRANCE, RESOURCE, SCIM_PATH } from '../scim.openapi.js';
import { ENTERPRISE, ENTERPRISE_URN, GROUP, GROUP_URN, type Schema, USER, USER_URN } from './attributes.js';
import { MAX_COUNT } from './list-query.js';
import { listResponse, type ListResponse } from './resource.js';

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

/** What clients ask before they begin. */
@ApiTags('SCIM')
@AnyRequest()
@Controller(SCIM_PATH)
export class ScimDiscoveryController {
  constructor(private readonly config: Config) {}

  @ApiOperation({ summary: 'What of SCIM 2.0 is supported.' })
  @Get('ServiceProviderConfig')
  @Requires('organization', 'scim:read')
  @ApiErrors(...ENTRANCE)
  @AnswersScim()
  @ApiOkResponse(RESOURCE)
  getScimServiceProviderConfig(@CurrentAccess() access: OrganizationAccess): object {
    return {
      schemas: [`${URN}:ServiceProviderConfig`],
      patch: { supported: true },
      bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
      filter: { supported: true, maxResults: MAX_COUNT },
      changePassword: { supported: false },
      sort: { supported: false },
      etag: { supported: true },
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: 'OAuth Bearer Token',
          description: 'A key that an admin of the organization makes for it.',
          specUri: 'https://www.rfc-editor.org/info/rfc6750',
          primary: true,
        },
      ],
      meta: {
        resourceType: 'ServiceProviderConfig',
        location: `${scimBase(this.config, access)}/ServiceProviderConfig`,
      },
    };
  }

  @ApiOperation({ summary: 'The kinds of resources there are.' })
  @Get('ResourceTypes')
  @Requires('organization', 'scim:read')
  @ApiErrors(...ENTRANCE)
  @AnswersScim()
  @ApiOkResponse(LIST)
  listScimResourceTypes(@CurrentAccess() access: OrganizationAccess): ListResponse {
    const base = scimBase(this.config, access);
    return listResponse(
      RESOURCE_TYPES.length,
      1,
      RESOURCE_TYPES.map((type) => typeResource(type, base)),
    );
  }

  @ApiOperation({ summary: 'One kind of resources.' })
  @Get('ResourceTypes/:resourceType')
  @Requires('organization', 'scim:read')
  @ApiErrors('scim.resource_not_found', ...ENTRANCE)
  @AnswersScim()
  @ApiOkResponse(RESOURCE)
  getScimResourceType(@CurrentAccess() access: OrganizationAccess, @Param('resourceType') id: string): object {
    const type = RESOURCE_TYPES.find((one) => one.id === id);
    if (!type) throw scimErrors.resource_not_found();
    return typeResource(type, scimBase(this.config, access));
  }

  @ApiOperation({ summary: 'The attributes of users and groups.' })
  @Get('Schemas')
  @Requires('organization', 'scim:read')
  @ApiErrors(...ENTRANCE)
  @AnswersScim()
  @ApiOkResponse(LIST)
  listScimSchemas(@CurrentAccess() access: OrganizationAccess): ListResponse {
    const base = scimBase(this.config, access);
    return listResponse(
      SCHEMAS.length,
      1,
      SCHEMAS.map((schema) => schemaResource(schema, base)),
    );
  }

  @ApiOperation({ summary: 'The attributes of one schema.' })
  @Get('Schemas/:schemaUrn')
  @Requires('organization', 'scim:read')
  @ApiErrors('scim.resource_not_found', ...ENTRANCE)
  @AnswersScim()
  @ApiOkResponse(RESOURCE)
  getScimSchema(@CurrentAccess() access: OrganizationAccess, @Param('schemaUrn') urn: string): object {
    const schema = SCHEMAS.find(({ id }) => id.toLowerCase() === urn.toLowerCase());
    if (!schema) throw scimErrors.resource_not_found();
    return schemaResource(schema, scimBase(this.config, access));
  }
}
