import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { IdParam, ApiErrors, ShowsSecret } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { ApiKeyService } from './api-key.service.js';
import type { ApiKeyRow } from './api-key.types.js';
import { CreatedScimKeyView, CreateScimKey, ScimKeyQuery, ScimKeyView, toScimKeyView } from './scim-key.dto.js';

class ScimKeyPage extends PageOf(ScimKeyView) {}

@ApiTags('SCIM')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/scim-keys')
export class ScimKeyController {
  constructor(
    private readonly keys: ApiKeyService,
    private readonly config: Config,
  ) {}

  @ApiOperation({ summary: 'List the SCIM keys of identity providers, newest first.' })
  @Get()
  @Requires('organization', 'api-keys:list')
  @ApiOkResponse({ type: ScimKeyPage })
  async listScimKeys(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: ScimKeyQuery,
  ): Promise<Page<ScimKeyView>> {
    const page = await this.keys.listScim(access, query);
    return { ...page, items: page.items.map((row) => this.viewOf(access, row)) };
  }

  @ApiOperation({
    summary: 'Create a SCIM key. The secret is returned only in this response.',
    description:
      'It only gives access to the SCIM API of this organization. Only admins can create one, because its holder decides who is a member.',
  })
  @Post()
  @ShowsSecret()
  @Requires('organization', 'api-keys:create', { personOnly: true, freshProof: true })
  @ApiErrors('members.role_above_own', 'api_keys.limit_reached')
  @ApiCreatedResponse({ type: CreatedScimKeyView })
  async createScimKey(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: CreateScimKey,
  ): Promise<CreatedScimKeyView> {
    const { row, key } = await this.keys.createScim(access, input);
    return { ...this.viewOf(access, row), key };
  }

  @ApiOperation({ summary: 'Read a SCIM key and when it was last used.' })
  @Get(':scimKeyId')
  @Requires('organization', 'api-keys:list')
  @ApiErrors('api_keys.not_found')
  @ApiOkResponse({ type: ScimKeyView })
  async getScimKey(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimKeyId', IdParam) id: string,
  ): Promise<ScimKeyView> {
    return this.viewOf(access, await this.keys.getScim(access, id));
  }

  @ApiOperation({
    summary: 'Revoke a SCIM key. It stops working at once and cannot be restored. Provisioned users stay.',
  })
  @Delete(':scimKeyId')
  @HttpCode(204)
  @Requires('organization', 'api-keys:revoke')
  @ApiErrors('api_keys.not_found', 'members.role_above_own')
  @ApiNoContentResponse()
  revokeScimKey(@CurrentAccess() access: OrganizationAccess, @Param('scimKeyId', IdParam) id: string): Promise<void> {
    return this.keys.revokeScim(access, id);
  }

  private viewOf({ operator, organizationId }: OrganizationAccess, row: ApiKeyRow): ScimKeyView {
    const { baseUrl } = this.config;
    return toScimKeyView(row, `${baseUrl}/t/${operator.slug}/api/v1/organizations/${organizationId}/scim/v2`);
  }
}
