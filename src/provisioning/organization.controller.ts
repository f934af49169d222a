import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, type OrganizationAccess, Requires } from '../common/access/index.js';
import { IfMatch, ApiErrors } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import {
  ConfirmDeletion,
  CreateOrganization,
  DeletionView,
  OrganizationQuery,
  OrganizationService,
  OrganizationView,
  PatchOrganization,
  PutOrganization,
} from '../organizations/index.js';
import { OrganizationItemView } from './organization-list.dto.js';
import { OrganizationListService } from './organization-list.service.js';
import { ImpactView } from './impact.dto.js';
import { ImpactService } from './impact.service.js';
import { OrganizationCreationService } from './organization-creation.service.js';

class OrganizationPage extends PageOf(OrganizationItemView, 'Organization') {}

@ApiTags('Organizations')
@Controller('t/:operator/api/v1/admin/organizations')
export class OrganizationController {
  constructor(
    private readonly organizations: OrganizationService,
    private readonly lists: OrganizationListService,
    private readonly creation: OrganizationCreationService,
    private readonly impact: ImpactService,
  ) {}

  @ApiOperation({ summary: "List the operator's organizations, including deleted ones until they are purged." })
  @Get()
  @Requires('operator', 'organizations:list')
  @ApiOkResponse({ type: OrganizationPage })
  listOrganizations(
    @CurrentAccess() access: Access,
    @Query() query: OrganizationQuery,
  ): Promise<Page<OrganizationItemView>> {
    return this.lists.page(access.operator.id, query);
  }

  @ApiOperation({
    summary:
      "Create an organization. Staff create them for others; users create their own, within the operator's limit.",
  })
  @Post()
  @Requires('operator', 'organizations:create')
  @ApiErrors(
    'organizations.slug_taken',
    'organizations.external_id_taken',
    'organizations.external_id_staff_only',
    'organizations.limit_reached',
    'invitations.too_many',
  )
  @ApiCreatedResponse({ type: OrganizationView })
  createOrganization(@CurrentAccess() access: Access, @Body() input: CreateOrganization): Promise<OrganizationView> {
    return this.creation.create(access, input);
  }

  @ApiOperation({ summary: 'Read an organization.' })
  @Get(':orgId')
  @Requires('organization', 'organization:read', { whileDeleted: true })
  @ApiOkResponse({ type: OrganizationView })
  getOrganization(@CurrentAccess() access: OrganizationAccess): Promise<OrganizationView> {
    return this.organizations.view(access.organizationId);
  }

  @ApiOperation({ summary: 'Count what a change or the deletion of an organization would affect.' })
  @Get(':orgId/impact')
  @Requires('organization', 'organization:readImpact', { whileDeleted: true })
  @ApiOkResponse({ type: ImpactView })
  getImpact(@CurrentAccess() access: OrganizationAccess): Promise<ImpactView> {
    return this.impact.of(access.organizationId);
  }

  @ApiOperation({ summary: 'Replace the editable fields of an organization.' })
  @Put(':orgId')
  @Requires('organization', 'organization:edit')
  @ApiErrors(
    'organizations.slug_taken',
    'organizations.external_id_taken',
    'organizations.slug_immutable',
    'organizations.external_id_staff_only',
  )
  @ApiOkResponse({ type: OrganizationView })
  replaceOrganization(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: PutOrganization,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<OrganizationView> {
    return this.organizations.replace(access, input, ifMatch);
  }

  @ApiOperation({ summary: 'Change some fields of an organization.' })
  @Patch(':orgId')
  @Requires('organization', 'organization:edit')
  @ApiErrors(
    'organizations.slug_taken',
    'organizations.external_id_taken',
    'organizations.slug_immutable',
    'organizations.external_id_staff_only',
  )
  @ApiOkResponse({ type: OrganizationView })
  updateOrganization(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: PatchOrganization,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<OrganizationView> {
    return this.organizations.patch(access, input, ifMatch);
  }

  @ApiOperation({ summary: 'Schedule the deletion of an organization. It can be restored for seven days.' })
  @Delete(':orgId')
  @HttpCode(202)
  @Requires('organization', 'organization:delete', { whileDeleted: true, freshProof: true })
  @ApiErrors('organizations.confirmation_mismatch')
  @ApiAcceptedResponse({ type: DeletionView })
  deleteOrganization(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: ConfirmDeletion,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<DeletionView> {
    return this.organizations.scheduleDeletion(access, query.confirmName, ifMatch);
  }

  @ApiOperation({ summary: 'Restore an organization that is scheduled for deletion.' })
  @Post(':orgId/restore')
  @HttpCode(200)
  @Requires('operator', 'organizations:restore', { whileDeleted: true })
  @ApiErrors('organizations.purge_started')
  @ApiOkResponse({ type: OrganizationView })
  restoreOrganization(@CurrentAccess() access: OrganizationAccess): Promise<OrganizationView> {
    return this.organizations.restore(access);
  }

  @ApiOperation({ summary: 'Suspend an organization. Only its admins keep access, and they can only read.' })
  @Post(':orgId/suspend')
  @HttpCode(200)
  @Requires('operator', 'organizations:suspend')
  @ApiOkResponse({ type: OrganizationView })
  suspendOrganization(@CurrentAccess() access: OrganizationAccess): Promise<OrganizationView> {
    return this.organizations.suspend(access);
  }

  @ApiOperation({ summary: 'End the suspension of an organization.' })
  @Post(':orgId/resume')
  @HttpCode(200)
  @Requires('operator', 'organizations:suspend')
  @ApiOkResponse({ type: OrganizationView })
  resumeOrganization(@CurrentAccess() access: OrganizationAccess): Promise<OrganizationView> {
    return this.organizations.resume(access);
  }
}
