import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires, type UnitAccess } from '../common/access/index.js';
import { IfMatch, ApiErrors } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import { ConfirmDeletion, DeletionView } from '../organizations/index.js';
import { CreateUnit, PatchUnit, PutUnit, UnitQuery, UnitView } from './unit.dto.js';
import { UnitService } from './unit.service.js';

class UnitPage extends PageOf(UnitView) {}

@ApiTags('Units')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/units')
export class UnitController {
  constructor(private readonly units: UnitService) {}

  @ApiOperation({ summary: 'List the units of an organization. Managers see all units, users see their own.' })
  @Get()
  @Requires('organization', 'units:list')
  @ApiOkResponse({ type: UnitPage })
  listUnits(@CurrentAccess() access: OrganizationAccess, @Query() query: UnitQuery): Promise<Page<UnitView>> {
    return this.units.list(access, query);
  }

  @ApiOperation({ summary: 'Create a unit and become its admin.' })
  @Post()
  @Requires('organization', 'units:create')
  @ApiErrors('units.slug_taken', 'units.external_id_taken', 'units.limit_reached')
  @ApiCreatedResponse({ type: UnitView })
  createUnit(@CurrentAccess() access: OrganizationAccess, @Body() input: CreateUnit): Promise<UnitView> {
    return this.units.create(access, input);
  }

  @ApiOperation({ summary: 'Read a unit.' })
  @Get(':unitId')
  @Requires('unit', 'unit:read', { whileDeleted: true })
  @ApiOkResponse({ type: UnitView })
  getUnit(@CurrentAccess() access: UnitAccess): Promise<UnitView> {
    return this.units.view(access);
  }

  @ApiOperation({ summary: 'Replace the editable fields of a unit.' })
  @Put(':unitId')
  @Requires('unit', 'unit:edit')
  @ApiErrors('units.slug_taken', 'units.external_id_taken', 'units.slug_immutable')
  @ApiOkResponse({ type: UnitView })
  replaceUnit(
    @CurrentAccess() access: UnitAccess,
    @Body() input: PutUnit,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<UnitView> {
    return this.units.replace(access, input, ifMatch);
  }

  @ApiOperation({ summary: 'Change some fields of a unit.' })
  @Patch(':unitId')
  @Requires('unit', 'unit:edit')
  @ApiErrors('units.slug_taken', 'units.external_id_taken', 'units.slug_immutable')
  @ApiOkResponse({ type: UnitView })
  updateUnit(
    @CurrentAccess() access: UnitAccess,
    @Body() input: PatchUnit,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<UnitView> {
    return this.units.patch(access, input, ifMatch);
  }

  @ApiOperation({ summary: 'Schedule the deletion of a unit. It can be restored for seven days.' })
  @Delete(':unitId')
  @HttpCode(202)
  @Requires('unit', 'unit:delete', { whileDeleted: true, whileSuspended: true })
  @ApiErrors('units.confirmation_mismatch')
  @ApiAcceptedResponse({ type: DeletionView })
  deleteUnit(
    @CurrentAccess() access: UnitAccess,
    @Query() query: ConfirmDeletion,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<DeletionView> {
    return this.units.scheduleDeletion(access, query.confirmName, ifMatch);
  }

  @ApiOperation({ summary: 'Restore a unit that is scheduled for deletion.' })
  @Post(':unitId/restore')
  @HttpCode(200)
  @Requires('unit', 'unit:restore', { whileDeleted: true, whileSuspended: true })
  @ApiErrors('units.purge_started', 'units.limit_reached', 'organizations.pending_deletion')
  @ApiOkResponse({ type: UnitView })
  restoreUnit(@CurrentAccess() access: UnitAccess): Promise<UnitView> {
    return this.units.restore(access);
  }

  @ApiOperation({ summary: 'Suspend a unit. Only its admins keep access, and they can only read.' })
  @Post(':unitId/suspend')
  @HttpCode(200)
  @Requires('unit', 'unit:suspend', { whileSuspended: true })
  @ApiOkResponse({ type: UnitView })
  suspendUnit(@CurrentAccess() access: UnitAccess): Promise<UnitView> {
    return this.units.suspend(access);
  }

  @ApiOperation({ summary: 'End the suspension of a unit.' })
  @Post(':unitId/resume')
  @HttpCode(200)
  @Requires('unit', 'unit:suspend', { whileSuspended: true })
  @ApiOkResponse({ type: UnitView })
  resumeUnit(@CurrentAccess() access: UnitAccess): Promise<UnitView> {
    return this.units.resume(access);
  }
}
