import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { IdParam, ApiErrors, ShowsSecret } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { ApiKeyQuery, ApiKeyView, CreateApiKey, CreatedApiKeyView } from './api-key.dto.js';
import { ApiKeyService } from './api-key.service.js';

class ApiKeyPage extends PageOf(ApiKeyView) {}

const GRANTING = ['members.role_above_own', 'roles.permission_not_held'];

@ApiTags('API keys')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/api-keys')
export class ApiKeyController {
  constructor(private readonly keys: ApiKeyService) {}

  @ApiOperation({ summary: 'List the API keys of an organization, newest first. The secrets are never returned.' })
  @Get()
  @Requires('organization', 'api-keys:list')
  @ApiOkResponse({ type: ApiKeyPage })
  listApiKeys(@CurrentAccess() access: OrganizationAccess, @Query() query: ApiKeyQuery): Promise<Page<ApiKeyView>> {
    return this.keys.list(access, query);
  }

  @ApiOperation({
    summary: 'Create an API key. The secret is returned only in this response.',
    description:
      'The key belongs to the organization: it stays valid when its creator leaves, is blocked or gets a lower role, ' +
      'and never gets more than it was given. No key manages members, invitations, roles, access rules, connections, ' +
      'sign-in settings, domains or keys.',
  })
  @Post()
  @ShowsSecret()
  @Requires('organization', 'api-keys:create', { personOnly: true, freshProof: true })
  @ApiErrors(
    'units.not_found',
    'api_keys.units_required',
    'api_keys.permission_not_available',
    'api_keys.limit_reached',
    ...GRANTING,
  )
  @ApiCreatedResponse({ type: CreatedApiKeyView })
  createApiKey(@CurrentAccess() access: OrganizationAccess, @Body() input: CreateApiKey): Promise<CreatedApiKeyView> {
    return this.keys.create(access, input);
  }

  @ApiOperation({ summary: 'Read the permissions of an API key and when it was last used.' })
  @Get(':apiKeyId')
  @Requires('organization', 'api-keys:list')
  @ApiErrors('api_keys.not_found')
  @ApiOkResponse({ type: ApiKeyView })
  getApiKey(@CurrentAccess() access: OrganizationAccess, @Param('apiKeyId', IdParam) id: string): Promise<ApiKeyView> {
    return this.keys.view(access, id);
  }

  @ApiOperation({ summary: 'Revoke an API key. It stops working at once and cannot be restored.' })
  @Delete(':apiKeyId')
  @HttpCode(204)
  @Requires('organization', 'api-keys:revoke')
  @ApiErrors('api_keys.not_found', ...GRANTING)
  @ApiNoContentResponse()
  revokeApiKey(@CurrentAccess() access: OrganizationAccess, @Param('apiKeyId', IdParam) id: string): Promise<void> {
    return this.keys.revoke(access, id);
  }
}
