import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { IdParam, ApiErrors } from '../../../http/index.js';
import type { LimitScope } from '../decisions/state.js';
import { SubjectLimitsInput, LimitsView, OrganizationLimitsInput, OrganizationLimitsView } from './limit.dto.js';
import { LimitService } from './limit.service.js';

const SCOPES: Record<string, LimitScope> = { unit: 'unit', member: 'member', 'api-key': 'api_key' };

function scopeOf(text: string): LimitScope {
  const scope = Object.hasOwn(SCOPES, text) ? SCOPES[text] : undefined;
  if (!scope) throw commonErrors.not_found();
  return scope;
}

const SCOPE = { name: 'scope', enum: Object.keys(SCOPES) };

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/limits')
export class LimitController {
  constructor(private readonly limits: LimitService) {}

  @ApiOperation({ summary: 'Get the limits of the organization and the defaults for its members.' })
  @Get()
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: OrganizationLimitsView })
  getLimits(@CurrentAccess() access: OrganizationAccess): Promise<OrganizationLimitsView> {
    return this.limits.viewOrganization(access);
  }

  @ApiOperation({
    summary: 'Replace the limits of the organization. Lower limits block future usage and take nothing back.',
  })
  @Put()
  @Requires('organization', 'limits:edit')
  @ApiOkResponse({ type: OrganizationLimitsView })
  setLimits(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: OrganizationLimitsInput,
  ): Promise<OrganizationLimitsView> {
    return this.limits.setOrganization(access, input);
  }

  @ApiOperation({
    summary: 'Get the limits of a unit, member or API key. Members without their own limits get the defaults.',
  })
  @Get(':scope/:subjectId')
  @Requires('organization', 'credits:read')
  @ApiErrors('units.not_found', 'members.not_found')
  @ApiParam(SCOPE)
  @ApiOkResponse({ type: LimitsView })
  getSubjectLimits(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scope') scope: string,
    @Param('subjectId', IdParam) id: string,
  ): Promise<LimitsView> {
    return this.limits.viewSubject(access, { scope: scopeOf(scope), id });
  }

  @ApiOperation({ summary: 'Replace the limits of a unit, member or API key.' })
  @Put(':scope/:subjectId')
  @Requires('organization', 'limits:edit')
  @ApiErrors('units.not_found', 'members.not_found')
  @ApiParam(SCOPE)
  @ApiOkResponse({ type: LimitsView })
  setSubjectLimits(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scope') scope: string,
    @Param('subjectId', IdParam) id: string,
    @Body() input: SubjectLimitsInput,
  ): Promise<LimitsView> {
    return this.limits.setSubject(access, { scope: scopeOf(scope), id }, input);
  }
}
