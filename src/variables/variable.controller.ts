import { applyDecorators, Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, Requires } from '../common/access/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import { ApiErrors } from '../http/index.js';
import { placeOf, readableSecrets, type VariableAccess } from './variable.access.js';
import {
  EffectiveVariablesQuery,
  EffectiveVariablesView,
  PutVariable,
  VariableQuery,
  VariableView,
} from './variable.dto.js';
import { Conditions, type Preconditions } from './variable.preconditions.js';
import { VariableService } from './variable.service.js';

const LEVELS = {
  operator: {
    path: 't/:operator/api/v1/admin/operator/variables',
    read: 'operator-variables:read',
    readEffective: 'operator-variables:read',
    edit: 'operator-variables:edit',
    name: 'Operator',
    summaries: {
      list: 'List the variables that the operator sets.',
      effective: 'Read the effective variables of the operator with their sources.',
      get: 'Read a variable that the operator itself sets; the value of a secret is null.',
      put: 'Create or replace a variable of the operator. `If-None-Match: *` only creates.',
      remove: 'Remove a variable of the operator.',
    },
  },
  organization: {
    path: 't/:operator/api/v1/admin/organizations/:orgId/variables',
    read: 'variables:read',
    readEffective: 'variables:readEffective',
    edit: 'variables:edit',
    name: 'Organization',
    summaries: {
      list: 'List the variables that an organization sets.',
      effective: 'Read the effective variables of an organization, including inherited ones, with their sources.',
      get: 'Read a variable that an organization itself sets; the value of a secret is null.',
      put: 'Create or replace a variable of an organization. `If-None-Match: *` only creates.',
      remove: 'Remove a variable of an organization. An inherited value applies again.',
    },
  },
  unit: {
    path: 't/:operator/api/v1/admin/organizations/:orgId/units/:unitId/variables',
    read: 'unit-variables:read',
    readEffective: 'unit-variables:readEffective',
    edit: 'unit-variables:edit',
    name: 'Unit',
    summaries: {
      list: 'List the variables that a unit sets.',
      effective: 'Read the effective variables of a unit, including inherited ones, with their sources.',
      get: 'Read a variable that a unit itself sets; the value of a secret is null.',
      put: 'Create or replace a variable of a unit. `If-None-Match: *` only creates.',
      remove: 'Remove a variable of a unit. An inherited value applies again.',
    },
  },
} as const;

class VariablePage extends PageOf(VariableView) {}

const PutsVariable = () =>
  applyDecorators(
    ApiOkResponse({ type: VariableView }),
    ApiErrors('variables.reserved_key', 'variables.limit_reached'),
  );

const RemovesVariable = () => applyDecorators(HttpCode(204), ApiNoContentResponse(), ApiErrors('variables.not_found'));

/** Builds the routes of one level. */
function variableController(level: keyof typeof LEVELS) {
  const { path, read, readEffective, edit, name, summaries } = LEVELS[level];

  @ApiTags('Variables')
  @Controller(path)
  class VariableController {
    constructor(private readonly variables: VariableService) {}

    @ApiOperation({ operationId: `list${name}Variables`, summary: summaries.list })
    @Get()
    @Requires(level, read)
    @ApiOkResponse({ type: VariablePage })
    list(@CurrentAccess() access: VariableAccess, @Query() query: VariableQuery): Promise<Page<VariableView>> {
      return this.variables.list(placeOf(access), query);
    }

    @ApiOperation({ operationId: `readEffective${name}Variables`, summary: summaries.effective })
    @Get('effective')
    @Requires(level, readEffective)
    @ApiOkResponse({ type: EffectiveVariablesView })
    readEffective(
      @CurrentAccess() access: VariableAccess,
      @Query() query: EffectiveVariablesQuery,
    ): Promise<EffectiveVariablesView> {
      return this.variables.viewEffective(placeOf(access), query.secrets ? readableSecrets(access) : new Set());
    }

    @ApiOperation({ operationId: `get${name}Variable`, summary: summaries.get })
    @Get(':key')
    @Requires(level, read)
    @ApiErrors('variables.not_found')
    @ApiOkResponse({ type: VariableView })
    get(@CurrentAccess() access: VariableAccess, @Param('key') key: string): Promise<VariableView> {
      return this.variables.read(placeOf(access), key);
    }

    @ApiOperation({ operationId: `put${name}Variable`, summary: summaries.put })
    @Put(':key')
    @Requires(level, edit)
    @PutsVariable()
    put(
      @CurrentAccess() access: VariableAccess,
      @Param('key') key: string,
      @Body() input: PutVariable,
      @Conditions() conditions: Preconditions,
    ): Promise<VariableView> {
      return this.variables.put({ place: placeOf(access), actor: access.actor, conditions }, key, input);
    }

    @ApiOperation({ operationId: `delete${name}Variable`, summary: summaries.remove })
    @Delete(':key')
    @Requires(level, edit)
    @RemovesVariable()
    remove(
      @CurrentAccess() access: VariableAccess,
      @Param('key') key: string,
      @Conditions() conditions: Preconditions,
    ): Promise<void> {
      return this.variables.remove({ place: placeOf(access), actor: access.actor, conditions }, key);
    }
  }
  return VariableController;
}

export const OperatorVariableController = variableController('operator');
export const OrganizationVariableController = variableController('organization');
export const UnitVariableController = variableController('unit');
