import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { IfMatch, ApiErrors } from '../../http/index.js';
import { PutScimSettings, ScimSettingsView } from './scim-settings.dto.js';
import { ScimSettingsService } from './scim-settings.service.js';

@ApiTags('SCIM')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/scim-settings')
export class ScimSettingsController {
  constructor(private readonly settings: ScimSettingsService) {}

  @ApiOperation({ summary: 'Read where an identity provider brings people in, and what its groups give.' })
  @Get()
  @Requires('organization', 'sso:read')
  @ApiOkResponse({ type: ScimSettingsView })
  getScimSettings(@CurrentAccess() access: OrganizationAccess): Promise<ScimSettingsView> {
    return this.settings.view(access);
  }

  @ApiOperation({
    summary: 'Say what groups of the identity provider give: at once, to everybody in them.',
    description: 'Whoever leaves a group loses what it gave him, and keeps what he was given otherwise.',
  })
  @Put()
  @Requires('organization', 'sso:edit')
  @ApiErrors(
    'members.role_above_own',
    'members.last_admin',
    'roles.not_found',
    'roles.not_assignable',
    'roles.permission_not_held',
    'units.not_found',
  )
  @ApiOkResponse({ type: ScimSettingsView })
  replaceScimSettings(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: PutScimSettings,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<ScimSettingsView> {
    return this.settings.replace(access, input, ifMatch);
  }
}
