import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { IdParam, IfMatch, ApiErrors } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import {
  AccessRuleQuery,
  AccessRuleView,
  CreateOperatorAccessRule,
  CreateOrganizationAccessRule,
  DryRun,
  DryRunView,
  PatchOperatorAccessRule,
  PatchOrganizationAccessRule,
} from './access-rule.dto.js';
import { AccessRuleService } from './access-rule.service.js';

class AccessRulePage extends PageOf(AccessRuleView) {}

const FRESH = { freshProof: true } as const;
const CONTENT = [
  'access_rules.condition_too_expensive',
  'access_rules.invalid_condition',
  'roles.not_found',
  'roles.not_assignable',
];
const OWN_CONTENT = ['access_rules.domain_not_proved', ...CONTENT];
const GRANTING = ['members.role_above_own', 'roles.permission_not_held'];

@ApiTags('Access rules')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/access-rules')
export class OrganizationAccessRuleController {
  constructor(private readonly rules: AccessRuleService) {}

  @ApiOperation({ summary: 'List the access rules of an organization.' })
  @Get()
  @Requires('organization', 'access-rules:read')
  @ApiOkResponse({ type: AccessRulePage })
  listAccessRules(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: AccessRuleQuery,
  ): Promise<Page<AccessRuleView>> {
    return this.rules.list(access, query);
  }

  @ApiOperation({
    summary: 'Create an access rule: users who meet a condition get roles when they sign in or become members.',
    description:
      'A rule of an organization reaches its members, users with an address in a domain that the organization proved, and ' +
      'users who sign in through its own connection.',
  })
  @Post()
  @Requires('organization', 'access-rules:edit', FRESH)
  @ApiErrors('access_rules.limit_reached', 'units.not_found', ...OWN_CONTENT, ...GRANTING)
  @ApiCreatedResponse({ type: AccessRuleView })
  createAccessRule(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: CreateOrganizationAccessRule,
  ): Promise<AccessRuleView> {
    return this.rules.create(access, input);
  }

  @ApiOperation({ summary: 'Preview which users a condition would affect. Nothing changes.' })
  @Post('dry-run')
  @HttpCode(200)
  @Requires('organization', 'access-rules:edit')
  @ApiErrors('access_rules.invalid_condition', 'access_rules.condition_too_expensive')
  @ApiOkResponse({ type: DryRunView })
  tryAccessRule(@CurrentAccess() access: OrganizationAccess, @Body() input: DryRun): Promise<DryRunView> {
    return this.rules.dryRun(access, input);
  }

  @ApiOperation({ summary: 'Read an access rule.' })
  @Get(':accessRuleId')
  @Requires('organization', 'access-rules:read')
  @ApiErrors('access_rules.not_found')
  @ApiOkResponse({ type: AccessRuleView })
  getAccessRule(
    @CurrentAccess() access: OrganizationAccess,
    @Param('accessRuleId', IdParam) id: string,
  ): Promise<AccessRuleView> {
    return this.rules.view(access, id);
  }

  @ApiOperation({ summary: 'Change an access rule. Roles it granted before stay.' })
  @Patch(':accessRuleId')
  @Requires('organization', 'access-rules:edit', FRESH)
  @ApiErrors('access_rules.not_found', 'units.not_found', ...OWN_CONTENT, ...GRANTING)
  @ApiOkResponse({ type: AccessRuleView })
  updateAccessRule(
    @CurrentAccess() access: OrganizationAccess,
    @Param('accessRuleId', IdParam) id: string,
    @Body() input: PatchOrganizationAccessRule,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AccessRuleView> {
    return this.rules.patch(access, id, input, ifMatch);
  }

  @ApiOperation({ summary: 'Delete an access rule. Roles it granted before stay.' })
  @Delete(':accessRuleId')
  @HttpCode(204)
  @Requires('organization', 'access-rules:edit', FRESH)
  @ApiErrors('access_rules.not_found', ...GRANTING)
  @ApiNoContentResponse()
  deleteAccessRule(
    @CurrentAccess() access: OrganizationAccess,
    @Param('accessRuleId', IdParam) id: string,
  ): Promise<void> {
    return this.rules.delete(access, id);
  }
}

@ApiTags('Access rules')
@Controller('t/:operator/api/v1/admin/operator/access-rules')
export class OperatorAccessRuleController {
  constructor(private readonly rules: AccessRuleService) {}

  @ApiOperation({ summary: 'List the access rules of the operator, which apply in all its organizations.' })
  @Get()
  @Requires('operator', 'operator-access-rules:read')
  @ApiOkResponse({ type: AccessRulePage })
  listOperatorAccessRules(
    @CurrentAccess() access: Access,
    @Query() query: AccessRuleQuery,
  ): Promise<Page<AccessRuleView>> {
    return this.rules.list(access, query);
  }

  @ApiOperation({
    summary:
      'Create an access rule of the operator: users who meet a condition get roles in every organization they enter.',
  })
  @Post()
  @Requires('operator', 'operator-access-rules:edit', FRESH)
  @ApiErrors('access_rules.limit_reached', ...CONTENT)
  @ApiCreatedResponse({ type: AccessRuleView })
  createOperatorAccessRule(
    @CurrentAccess() access: Access,
    @Body() input: CreateOperatorAccessRule,
  ): Promise<AccessRuleView> {
    return this.rules.create(access, input);
  }

  @ApiOperation({ summary: "Preview which of the operator's users a condition would affect." })
  @Post('dry-run')
  @HttpCode(200)
  @Requires('operator', 'operator-access-rules:edit')
  @ApiErrors('access_rules.invalid_condition', 'access_rules.condition_too_expensive')
  @ApiOkResponse({ type: DryRunView })
  tryOperatorAccessRule(@CurrentAccess() access: Access, @Body() input: DryRun): Promise<DryRunView> {
    return this.rules.dryRun(access, input);
  }

  @ApiOperation({ summary: 'Read an access rule of the operator.' })
  @Get(':accessRuleId')
  @Requires('operator', 'operator-access-rules:read')
  @ApiErrors('access_rules.not_found')
  @ApiOkResponse({ type: AccessRuleView })
  getOperatorAccessRule(
    @CurrentAccess() access: Access,
    @Param('accessRuleId', IdParam) id: string,
  ): Promise<AccessRuleView> {
    return this.rules.view(access, id);
  }

  @ApiOperation({ summary: 'Change an access rule of the operator. Roles it granted before stay.' })
  @Patch(':accessRuleId')
  @Requires('operator', 'operator-access-rules:edit', FRESH)
  @ApiErrors('access_rules.not_found', ...CONTENT)
  @ApiOkResponse({ type: AccessRuleView })
  updateOperatorAccessRule(
    @CurrentAccess() access: Access,
    @Param('accessRuleId', IdParam) id: string,
    @Body() input: PatchOperatorAccessRule,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AccessRuleView> {
    return this.rules.patch(access, id, input, ifMatch);
  }

  @ApiOperation({ summary: 'Delete an access rule of the operator. Roles it granted before stay.' })
  @Delete(':accessRuleId')
  @HttpCode(204)
  @Requires('operator', 'operator-access-rules:edit', FRESH)
  @ApiErrors('access_rules.not_found')
  @ApiNoContentResponse()
  deleteOperatorAccessRule(@CurrentAccess() access: Access, @Param('accessRuleId', IdParam) id: string): Promise<void> {
    return this.rules.delete(access, id);
  }
}
