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
  TakesListQuery,
  TakesPatch,
  TakesProjection,
  TakesUser,
} from '../scim.openapi.js';
import { USER_TYPE } from '../schema/attributes.js';
import { projected, projectionOf } from '../schema/projection.js';
import type { RawQuery } from '../schema/raw-query.js';
import { answered, type ListResponse, type Resource } from '../schema/resource.js';
import { ScimUsers } from './scim-user.service.js';

const BODY = ['scim.invalid_value', 'scim.invalid_syntax'];
const CHANGES = [
  'scim.resource_not_found',
  'scim.user_name_taken',
  'scim.address_kept',
  'scim.break_glass',
  'users.email_taken',
  'members.last_admin',
  'auth.email_domain_not_allowed',
  'organizations.no_seat_left',
  ...BODY,
];

@ApiTags('SCIM')
@Controller(`${SCIM_PATH}/Users`)
export class ScimUserController {
  constructor(private readonly users: ScimUsers) {}

  @ApiOperation({
    summary: 'List the people of an organization: its members, and those its identity provider keeps out.',
  })
  @Get()
  @AnyRequest()
  @Requires('organization', 'scim:read')
  @ApiErrors('scim.invalid_filter', 'scim.invalid_value', ...ENTRANCE)
  @TakesListQuery()
  @AnswersScim()
  @ApiOkResponse(LIST)
  listScimUsers(@CurrentAccess() access: OrganizationAccess, @Query() query: RawQuery): Promise<ListResponse> {
    return this.users.list(access, query);
  }

  @ApiOperation({
    summary: 'Bring somebody in: he is a member at once, unless active is false.',
    description:
      'The account is that of the primary address; it is made or linked in domains the organization has proved.',
  })
  @Post()
  @AnyRequest()
  @Requires('organization', 'scim:edit')
  @ApiErrors(
    'scim.user_name_taken',
    'scim.account_taken',
    'scim.domain_not_verified',
    'organizations.no_seat_left',
    ...BODY,
    ...ENTRANCE,
  )
  @TakesUser()
  @AnswersScim()
  @ApiCreatedResponse(RESOURCE)
  async createScimUser(
    @CurrentAccess() access: OrganizationAccess,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Resource> {
    return answered(reply, await this.users.create(access, body));
  }

  @ApiOperation({ summary: 'Read somebody.' })
  @Get(':scimUserId')
  @AnyRequest()
  @Requires('organization', 'scim:read')
  @ApiErrors('scim.resource_not_found', 'scim.invalid_value', ...ENTRANCE)
  @TakesProjection()
  @AnswersScim()
  @ApiOkResponse(RESOURCE)
  async getScimUser(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimUserId') id: string,
    @Query() query: RawQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(USER_TYPE, query);
    return projected(answered(reply, await this.users.view(access, id)), projection);
  }

  @ApiOperation({ summary: 'Replace what is said about somebody. Without active he stays what he is.' })
  @Put(':scimUserId')
  @AnyRequest()
  @Requires('organization', 'scim:edit')
  @ApiErrors(...CHANGES, ...ENTRANCE)
  @TakesUser()
  @AnswersScim()
  @ApiOkResponse(RESOURCE)
  async replaceScimUser(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimUserId') id: string,
    @Body() body: unknown,
    @IfMatch() ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Resource> {
    return answered(reply, await this.users.replace(access, id, body, ifMatch));
  }

  @ApiOperation({
    summary: 'Change somebody. With active false he is out at once; with true he has again what he had.',
    description: 'His sessions in this organization end with it.',
  })
  @Patch(':scimUserId')
  @AnyRequest()
  @Requires('organization', 'scim:edit')
  @ApiErrors('scim.invalid_path', 'scim.invalid_filter', 'scim.no_target', 'scim.read_only', ...CHANGES, ...ENTRANCE)
  @TakesPatch()
  @AnswersScim()
  @ApiOkResponse(RESOURCE)
  async updateScimUser(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimUserId') id: string,
    @Body() body: unknown,
    @IfMatch() ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Resource> {
    return answered(reply, await this.users.patch(access, id, body, ifMatch));
  }

  @ApiOperation({ summary: 'Take somebody out for good; his account and other memberships stay.' })
  @Delete(':scimUserId')
  @HttpCode(204)
  @Requires('organization', 'scim:edit')
  @ApiErrors('scim.resource_not_found', 'scim.break_glass', 'members.last_admin', ...ENTRANCE)
  @ApiNoContentResponse()
  deleteScimUser(@CurrentAccess() access: OrganizationAccess, @Param('scimUserId') id: string): Promise<void> {
    return this.users.delete(access, id);
  }
}
