import { Body, Controller, Get, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, Requires } from '../common/access/index.js';
import { IfMatch, ApiErrors } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import { CreateOperator, OperatorQuery, OperatorService, OperatorView, PutOperator } from '../operators/index.js';
import { OperatorCreationService } from './operator-creation.service.js';

class OperatorPage extends PageOf(OperatorView) {}

@ApiTags('Operators')
@Controller('api/v1/operators')
export class PlatformOperatorController {
  constructor(
    private readonly operators: OperatorService,
    private readonly creation: OperatorCreationService,
  ) {}

  @ApiOperation({ summary: 'List the operators of this deployment.' })
  @Get()
  @Requires('platform', 'operators:list')
  @ApiOkResponse({ type: OperatorPage })
  listOperators(@Query() query: OperatorQuery): Promise<Page<OperatorView>> {
    return this.operators.list(query);
  }

  @ApiOperation({ summary: 'Create an operator and invite its first admin.' })
  @Post()
  @Requires('platform', 'operators:create', { freshProof: true })
  @ApiErrors('operators.slug_taken', 'operators.unknown_time_zone')
  @ApiCreatedResponse({ type: OperatorView })
  createOperator(@CurrentAccess() access: Access, @Body() input: CreateOperator): Promise<OperatorView> {
    return this.creation.create(access.actor, input);
  }

  @ApiOperation({ summary: 'Read an operator.' })
  @Get(':operatorId')
  @Requires('operator', 'operator:read')
  @ApiOkResponse({ type: OperatorView })
  getOperator(@CurrentAccess() access: Access): Promise<OperatorView> {
    return this.operators.view(access.operator.id);
  }

  @ApiOperation({ summary: 'Replace the settings of an operator.' })
  @Put(':operatorId')
  @Requires('operator', 'operator:edit', { freshProof: true })
  @ApiErrors('operators.unknown_time_zone')
  @ApiOkResponse({ type: OperatorView })
  replaceOperator(
    @CurrentAccess() access: Access,
    @Body() input: PutOperator,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<OperatorView> {
    return this.operators.replace(access, input, ifMatch);
  }
}

@ApiTags('Operators')
@Controller('t/:operator/api/v1/admin/operator')
export class OwnOperatorController {
  constructor(private readonly operators: OperatorService) {}

  @ApiOperation({ summary: 'Read the settings of the operator in the path.' })
  @Get()
  @Requires('operator', 'operator:read')
  @ApiOkResponse({ type: OperatorView })
  getOwnOperator(@CurrentAccess() access: Access): Promise<OperatorView> {
    return this.operators.view(access.operator.id);
  }

  @ApiOperation({ summary: 'Replace the settings of the operator in the path.' })
  @Put()
  @Requires('operator', 'operator:edit', { freshProof: true })
  @ApiErrors('operators.unknown_time_zone')
  @ApiOkResponse({ type: OperatorView })
  replaceOwnOperator(
    @CurrentAccess() access: Access,
    @Body() input: PutOperator,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<OperatorView> {
    return this.operators.replace(access, input, ifMatch);
  }
}
