import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Access,
  CurrentAccess,
  type OrganizationAccess,
  type PersonAccess,
  Requires,
} from '../common/access/index.js';
import { ApiErrors } from '../http/index.js';
import { CreateOperator, OperatorView } from '../operators/index.js';
import { CreateOrganization, OrganizationView } from '../organizations/index.js';
import { ImpactView } from './impact.dto.js';
import { ImpactService } from './impact.service.js';
import { OperatorCreationService } from './operator-creation.service.js';
import { OrganizationCreationService } from './organization-creation.service.js';

@ApiTags('Operators')
@Controller('api/v1/operators')
export class OperatorCreationController {
  constructor(private readonly creation: OperatorCreationService) {}

  @ApiOperation({ summary: 'Create an operator and invite its first admin.' })
  @Post()
  @Requires('platform', 'operators:create')
  @ApiErrors('operators.slug_taken', 'operators.unknown_time_zone')
  @ApiCreatedResponse({ type: OperatorView })
  createOperator(@CurrentAccess() access: Access, @Body() input: CreateOperator): Promise<OperatorView> {
    return this.creation.create(access.actor, input);
  }
}

@ApiTags('Organizations')
@Controller('t/:operator/api/v1/admin/organizations')
export class OrganizationCreationController {
  constructor(
    private readonly creation: OrganizationCreationService,
    private readonly impact: ImpactService,
  ) {}

  @ApiOperation({
    summary:
      "Create an organization. Staff create them for others; users create their own, within the operator's limit.",
  })
  @Post()
  @Requires('operator', 'organizations:create')
  @ApiErrors(
    'organizations.slug_taken',
    'organizations.external_id_taken',
    'organizations.limit_reached',
    'invitations.too_many',
  )
  @ApiCreatedResponse({ type: OrganizationView })
  createOrganization(
    @CurrentAccess() access: PersonAccess,
    @Body() input: CreateOrganization,
  ): Promise<OrganizationView> {
    return this.creation.create(access, input);
  }

  @ApiOperation({ summary: 'Count what a change or the deletion of an organization would affect.' })
  @Get(':orgId/impact')
  @Requires('organization', 'organization:readImpact', { whileDeleted: true })
  @ApiOkResponse({ type: ImpactView })
  getImpact(@CurrentAccess() access: OrganizationAccess): Promise<ImpactView> {
    return this.impact.of(access.organizationId);
  }
}
