import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { IdParam, ApiErrors } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { ApiKeys } from './api-key.service.js';
import type { ApiKeyRow } from './api-key.store.js';
import { CreatedScimKeyView, CreateScimKey, ScimKeyQuery, ScimKeyView, toScimKeyView } from './scim-key.dto.js';

class ScimKeyPage extends PageOf(ScimKeyView) {}

@ApiTags('SCIM')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/scim-keys')
export class ScimKeyController {
  constructor(
    private readonly keys: ApiKeys,
    private readonly config: Config,
  ) {}

  @ApiOperation({ summary: 'List the keys with which identity providers bring people in, newest first.' })
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
    summary: 'Make a key for SCIM, which is shown in this answer alone.',
    description:
      'It opens the SCIM routes of this organization and nothing else. Only admins: it decides who is a member.',
  })
  @Post()
  @Requires('organization', 'api-keys:create', { personOnly: true, freshProof: 'withFactor' })
  @ApiErrors('members.role_above_own', 'api_keys.limit_reached')
  @ApiCreatedResponse({ type: CreatedScimKeyView })
  async createScimKey(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: CreateScimKey,
  ): Promise<CreatedScimKeyView> {
    const { row, key } = await this.keys.createScim(access, input);
    return { ...this.viewOf(access, row), key };
  }

  @ApiOperation({ summary: 'Read a key for SCIM, and when it was last used.' })
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

  @ApiOperation({ summary: 'Revoke a key for SCIM: it stops at once, for good. Who came by it stays.' })
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
