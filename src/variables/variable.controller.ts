import { applyDecorators, Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Access,
  CurrentAccess,
  type OrganizationAccess,
  Requires,
  type UnitAccess,
} from '../common/access/index.js';
import { ApiErrors } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import { placeOf, readableSecrets } from './variable.access.js';
import {
  EffectiveVariablesQuery,
  EffectiveVariablesView,
  PutVariable,
  VariableQuery,
  VariableView,
} from './variable.dto.js';
import { Conditions, type Preconditions } from './variable.preconditions.js';
import { Variables } from './variable.service.js';

class VariablePage extends PageOf(VariableView) {}

const PutsVariable = () =>
  applyDecorators(
    ApiOkResponse({ type: VariableView }),
    ApiErrors('variables.reserved_key', 'variables.limit_reached'),
  );

const RemovesVariable = () => applyDecorators(HttpCode(204), ApiNoContentResponse(), ApiErrors('variables.not_found'));

@ApiTags('Variables')
@Controller('t/:operator/api/v1/admin/operator/variables')
export class OperatorVariableController {
  constructor(private readonly variables: Variables) {}

  @ApiOperation({ summary: 'List the variables that the operator itself sets.' })
  @Get()
  @Requires('operator', 'operator-variables:read')
  @ApiOkResponse({ type: VariablePage })
  listOperatorVariables(@CurrentAccess() access: Access, @Query() query: VariableQuery): Promise<Page<VariableView>> {
    return this.variables.list(placeOf(access), query);
  }

  @ApiOperation({ summary: 'Read all variables that hold at the operator, and where each comes from.' })
  @Get('effective')
  @Requires('operator', 'operator-variables:read')
  @ApiOkResponse({ type: EffectiveVariablesView })
  readEffectiveOperatorVariables(
    @CurrentAccess() access: Access,
    @Query() query: EffectiveVariablesQuery,
  ): Promise<EffectiveVariablesView> {
    return this.variables.viewEffective(placeOf(access), query.secrets ? readableSecrets(access) : new Set());
  }

  @ApiOperation({ summary: 'Read a variable that the operator itself sets; the value of a secret is null.' })
  @Get(':key')
  @Requires('operator', 'operator-variables:read')
  @ApiErrors('variables.not_found')
  @ApiOkResponse({ type: VariableView })
  getOperatorVariable(@CurrentAccess() access: Access, @Param('key') key: string): Promise<VariableView> {
    return this.variables.read(placeOf(access), key);
  }

  @ApiOperation({ summary: 'Create or replace a variable of the operator; with `If-None-Match: *` only create it.' })
  @Put(':key')
  @Requires('operator', 'operator-variables:edit')
  @PutsVariable()
  putOperatorVariable(
    @CurrentAccess() access: Access,
    @Param('key') key: string,
    @Body() input: PutVariable,
    @Conditions() conditions: Preconditions,
  ): Promise<VariableView> {
    return this.variables.put({ place: placeOf(access), actor: access.actor, conditions }, key, input);
  }

  @ApiOperation({ summary: 'Remove a variable of the operator.' })
  @Delete(':key')
  @Requires('operator', 'operator-variables:edit')
  @RemovesVariable()
  deleteOperatorVariable(
    @CurrentAccess() access: Access,
    @Param('key') key: string,
    @Conditions() conditions: Preconditions,
  ): Promise<void> {
    return this.variables.remove({ place: placeOf(access), actor: access.actor, conditions }, key);
  }
}

@ApiTags('Variables')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/variables')
export class OrganizationVariableController {
  constructor(private readonly variables: Variables) {}

  @ApiOperation({ summary: 'List the variables that an organization itself sets.' })
  @Get()
  @Requires('organization', 'variables:read')
  @ApiOkResponse({ type: VariablePage })
  listOrganizationVariables(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: VariableQuery,
  ): Promise<Page<VariableView>> {
    return this.variables.list(placeOf(access), query);
  }

  @ApiOperation({
    summary: 'Read all variables that hold in an organization, inherited ones included, and where each comes from.',
  })
  @Get('effective')
  @Requires('organization', 'variables:readEffective')
  @ApiOkResponse({ type: EffectiveVariablesView })
  readEffectiveOrganizationVariables(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: EffectiveVariablesQuery,
  ): Promise<EffectiveVariablesView> {
    return this.variables.viewEffective(placeOf(access), query.secrets ? readableSecrets(access) : new Set());
  }

  @ApiOperation({ summary: 'Read a variable that an organization itself sets; the value of a secret is null.' })
  @Get(':key')
  @Requires('organization', 'variables:read')
  @ApiErrors('variables.not_found')
  @ApiOkResponse({ type: VariableView })
  getOrganizationVariable(
    @CurrentAccess() access: OrganizationAccess,
    @Param('key') key: string,
  ): Promise<VariableView> {
    return this.variables.read(placeOf(access), key);
  }

  @ApiOperation({ summary: 'Create or replace a variable of an organization; with `If-None-Match: *` only create it.' })
  @Put(':key')
  @Requires('organization', 'variables:edit')
  @PutsVariable()
  putOrganizationVariable(
    @CurrentAccess() access: OrganizationAccess,
    @Param('key') key: string,
    @Body() input: PutVariable,
    @Conditions() conditions: Preconditions,
  ): Promise<VariableView> {
    return this.variables.put({ place: placeOf(access), actor: access.actor, conditions }, key, input);
  }

  @ApiOperation({ summary: 'Remove a variable of an organization; what it hid holds again.' })
  @Delete(':key')
  @Requires('organization', 'variables:edit')
  @RemovesVariable()
  deleteOrganizationVariable(
    @CurrentAccess() access: OrganizationAccess,
    @Param('key') key: string,
    @Conditions() conditions: Preconditions,
  ): Promise<void> {
    return this.variables.remove({ place: placeOf(access), actor: access.actor, conditions }, key);
  }
}

@ApiTags('Variables')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/units/:unitId/variables')
export class UnitVariableController {
  constructor(private readonly variables: Variables) {}

  @ApiOperation({ summary: 'List the variables that a unit itself sets.' })
  @Get()
  @Requires('unit', 'unit-variables:read')
  @ApiOkResponse({ type: VariablePage })
  listUnitVariables(@CurrentAccess() access: UnitAccess, @Query() query: VariableQuery): Promise<Page<VariableView>> {
    return this.variables.list(placeOf(access), query);
  }

  @ApiOperation({
    summary: 'Read all variables that hold in a unit, inherited ones included, and where each comes from.',
  })
  @Get('effective')
  @Requires('unit', 'unit-variables:readEffective')
  @ApiOkResponse({ type: EffectiveVariablesView })
  readEffectiveUnitVariables(
    @CurrentAccess() access: UnitAccess,
    @Query() query: EffectiveVariablesQuery,
  ): Promise<EffectiveVariablesView> {
    return this.variables.viewEffective(placeOf(access), query.secrets ? readableSecrets(access) : new Set());
  }

  @ApiOperation({ summary: 'Read a variable that a unit itself sets; the value of a secret is null.' })
  @Get(':key')
  @Requires('unit', 'unit-variables:read')
  @ApiErrors('variables.not_found')
  @ApiOkResponse({ type: VariableView })
  getUnitVariable(@CurrentAccess() access: UnitAccess, @Param('key') key: string): Promise<VariableView> {
    return this.variables.read(placeOf(access), key);
  }

  @ApiOperation({ summary: 'Create or replace a variable of a unit; with `If-None-Match: *` only create it.' })
  @Put(':key')
  @Requires('unit', 'unit-variables:edit')
  @PutsVariable()
  putUnitVariable(
    @CurrentAccess() access: UnitAccess,
    @Param('key') key: string,
    @Body() input: PutVariable,
    @Conditions() conditions: Preconditions,
  ): Promise<VariableView> {
    return this.variables.put({ place: placeOf(access), actor: access.actor, conditions }, key, input);
  }

  @ApiOperation({ summary: 'Remove a variable of a unit; what it hid holds again.' })
  @Delete(':key')
  @Requires('unit', 'unit-variables:edit')
  @RemovesVariable()
  deleteUnitVariable(
    @CurrentAccess() access: UnitAccess,
    @Param('key') key: string,
    @Conditions() conditions: Preconditions,
  ): Promise<void> {
    return this.variables.remove({ place: placeOf(access), actor: access.actor, conditions }, key);
  }
}
