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

  @ApiOperation({ summary: 'Read the SCIM base URL and what the groups of the identity provider grant.' })
  @Get()
  @Requires('organization', 'sso:read')
  @ApiOkResponse({ type: ScimSettingsView })
  getScimSettings(@CurrentAccess() access: OrganizationAccess): Promise<ScimSettingsView> {
    return this.settings.view(access);
  }

  @ApiOperation({
    summary: 'Replace what the groups of the identity provider grant.',
    description:
      'Applies to all members of these groups at once. A user who leaves a group loses what it granted and keeps grants from elsewhere.',
  })
  @Put()
  @Requires('organization', 'sso:edit', { freshProof: true })
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
