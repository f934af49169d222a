import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, type OrganizationAccess, Requires } from '../common/access/index.js';
import { IdParam, IfMatch, ApiErrors } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import { CreatePlan, PatchPlan, PlanQuery, PlanView } from './plan.dto.js';
import { PlanService } from './plan.service.js';

class PlanPage extends PageOf(PlanView) {}

@ApiTags('Plans')
@Controller('t/:operator/api/v1/admin/plans')
export class PlanController {
  constructor(private readonly plans: PlanService) {}

  @ApiOperation({ summary: 'List the plans of the operator.' })
  @Get()
  @Requires('operator', 'plans:read')
  @ApiOkResponse({ type: PlanPage })
  listPlans(@CurrentAccess() access: Access, @Query() query: PlanQuery): Promise<Page<PlanView>> {
    return this.plans.list(access, query);
  }

  @ApiOperation({ summary: 'Create a plan.' })
  @Post()
  @Requires('operator', 'plans:edit')
  @ApiErrors('plans.name_taken', 'plans.limit_reached', 'plans.credits_need_person')
  @ApiCreatedResponse({ type: PlanView })
  createPlan(@CurrentAccess() access: Access, @Body() input: CreatePlan): Promise<PlanView> {
    return this.plans.create(access, input);
  }

  @ApiOperation({ summary: 'Read a plan.' })
  @Get(':planId')
  @Requires('operator', 'plans:read')
  @ApiErrors('plans.not_found')
  @ApiOkResponse({ type: PlanView })
  getPlan(@CurrentAccess() access: Access, @Param('planId', IdParam) id: string): Promise<PlanView> {
    return this.plans.view(access, id);
  }

  @ApiOperation({ summary: 'Change a plan. Limits apply at once, credits and price from the next period.' })
  @Patch(':planId')
  @Requires('operator', 'plans:edit')
  @ApiErrors('plans.not_found', 'plans.archived', 'plans.name_taken', 'plans.credits_need_person')
  @ApiOkResponse({ type: PlanView })
  updatePlan(
    @CurrentAccess() access: Access,
    @Param('planId', IdParam) id: string,
    @Body() input: PatchPlan,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<PlanView> {
    return this.plans.patch(access, id, input, ifMatch);
  }

  @ApiOperation({
    summary: 'Remove a plan. A plan that organizations have or had is archived instead, and they keep it.',
  })
  @Delete(':planId')
  @HttpCode(204)
  @Requires('operator', 'plans:edit')
  @ApiErrors('plans.not_found')
  @ApiNoContentResponse()
  deletePlan(@CurrentAccess() access: Access, @Param('planId', IdParam) id: string): Promise<void> {
    return this.plans.delete(access, id);
  }
}

@ApiTags('Plans')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/plans')
export class OrganizationPlanController {
  constructor(private readonly plans: PlanService) {}

  @ApiOperation({ summary: 'List the plans that the organization can choose itself.' })
  @Get()
  @Requires('organization', 'subscription:read')
  @ApiOkResponse({ type: PlanPage })
  listOrganizationPlans(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: PlanQuery,
  ): Promise<Page<PlanView>> {
    return this.plans.listSelfService(access, query);
  }
}
