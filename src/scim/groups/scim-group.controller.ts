import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { AnyRequest, IfMatch, ApiErrors } from '../../http/index.js';
import {
  AnswersScim,
  LIST,
  ENTRANCE,
  RESOURCE,
  SCIM_PATH,
  TakesGroup,
  TakesListQuery,
  TakesPatch,
  TakesProjection,
} from '../scim.openapi.js';
import { GROUP_TYPE } from '../schema/attributes.js';
import { projected, projectionOf } from '../schema/projection.js';
import type { RawQuery } from '../schema/raw-query.js';
import { answered, type ListResponse, type Resource } from '../schema/resource.js';
import { ScimGroups } from './scim-group.service.js';

const CHANGES = [
  'scim.resource_not_found',
  'scim.display_name_taken',
  'scim.invalid_value',
  'scim.invalid_syntax',
  'members.last_admin',
];

@ApiTags('SCIM')
@Controller(`${SCIM_PATH}/Groups`)
export class ScimGroupController {
  constructor(private readonly groups: ScimGroups) {}

  @ApiOperation({ summary: 'List the groups an identity provider has made.' })
  @Get()
  @AnyRequest()
  @Requires('organization', 'scim:read')
  @ApiErrors('scim.invalid_filter', 'scim.invalid_value', ...ENTRANCE)
  @TakesListQuery()
  @AnswersScim()
  @ApiOkResponse(LIST)
  listScimGroups(@CurrentAccess() access: OrganizationAccess, @Query() query: RawQuery): Promise<ListResponse> {
    return this.groups.list(access, query);
  }

  @ApiOperation({ summary: 'Make a group. What it gives is said in the SCIM settings, by its displayName.' })
  @Post()
  @AnyRequest()
  @Requires('organization', 'scim:edit')
  @ApiErrors('scim.limit_reached', ...CHANGES.slice(1), ...ENTRANCE)
  @TakesGroup()
  @AnswersScim()
  @ApiCreatedResponse(RESOURCE)
  async createScimGroup(
    @CurrentAccess() access: OrganizationAccess,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Resource> {
    return answered(reply, await this.groups.create(access, body));
  }

  @ApiOperation({ summary: 'Read a group.' })
  @Get(':scimGroupId')
  @AnyRequest()
  @Requires('organization', 'scim:read')
  @ApiErrors('scim.resource_not_found', 'scim.invalid_value', ...ENTRANCE)
  @TakesProjection()
  @AnswersScim()
  @ApiOkResponse(RESOURCE)
  async getScimGroup(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimGroupId') id: string,
    @Query() query: RawQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(GROUP_TYPE, query);
    return projected(answered(reply, await this.groups.view(access, id, projection)), projection);
  }

  @ApiOperation({ summary: 'Replace a group with its members.' })
  @Put(':scimGroupId')
  @AnyRequest()
  @Requires('organization', 'scim:edit')
  @ApiErrors(...CHANGES, ...ENTRANCE)
  @TakesGroup()
  @AnswersScim()
  @ApiOkResponse(RESOURCE)
  async replaceScimGroup(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimGroupId') id: string,
    @Body() body: unknown,
    @IfMatch() ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Resource> {
    return answered(reply, await this.groups.replace(access, id, body, ifMatch));
  }

  @ApiOperation({ summary: 'Change a group, such as who is in it.' })
  @Patch(':scimGroupId')
  @AnyRequest()
  @Requires('organization', 'scim:edit')
  @ApiErrors('scim.invalid_path', 'scim.invalid_filter', 'scim.no_target', 'scim.read_only', ...CHANGES, ...ENTRANCE)
  @TakesPatch()
  @AnswersScim()
  @ApiOkResponse(RESOURCE)
  async updateScimGroup(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimGroupId') id: string,
    @Body() body: unknown,
    @IfMatch() ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Resource> {
    return answered(reply, await this.groups.patch(access, id, body, ifMatch));
  }

  @ApiOperation({ summary: 'Delete a group, and take away what it gave. The people in it stay.' })
  @Delete(':scimGroupId')
  @HttpCode(204)
  @Requires('organization', 'scim:edit')
  @ApiErrors('scim.resource_not_found', 'members.last_admin', ...ENTRANCE)
  @ApiNoContentResponse()
  deleteScimGroup(@CurrentAccess() access: OrganizationAccess, @Param('scimGroupId') id: string): Promise<void> {
    return this.groups.delete(access, id);
  }
}
