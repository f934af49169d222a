import { Body, Controller, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess } from '../../common/access/index.js';
import { IfMatch } from '../../http/index.js';
import { USER_TYPE } from '../protocol/attributes.js';
import { projected, projectionOf } from '../protocol/projection.js';
import type { RawQuery } from '../protocol/raw-query.js';
import { type ListResponse, withVersionHeaders } from '../protocol/resource.js';
import { USER_BODY } from '../protocol/scim.openapi.js';
import { SCIM_PATH, scimRoutes } from '../protocol/scim-routes.js';
import { ScimUserService } from './scim-user.service.js';

const Scim = scimRoutes({
  idParameter: 'scimUserId',
  body: USER_BODY,
  createErrors: [
    'scim.user_name_taken',
    'scim.account_taken',
    'scim.domain_not_verified',
    'auth.email_domain_not_allowed',
    'organizations.no_seat_left',
  ],
  changeErrors: [
    'scim.user_name_taken',
    'scim.break_glass',
    'members.last_admin',
    'auth.email_domain_not_allowed',
    'organizations.no_seat_left',
  ],
  deleteErrors: ['scim.break_glass', 'members.last_admin'],
});

@ApiTags('SCIM')
@Controller(`${SCIM_PATH}/Users`)
export class ScimUserController {
  constructor(private readonly users: ScimUserService) {}

  @Scim.List({ summary: 'List the members of an organization and the users its identity provider has deactivated.' })
  listScimUsers(@CurrentAccess() access: OrganizationAccess, @Query() query: RawQuery): Promise<ListResponse> {
    return this.users.list(access, query);
  }

  @Scim.Create({
    summary: 'Create a user. The user becomes a member at once, unless active is false.',
    description:
      'The primary address identifies the account. In verified domains of the organization the account is created or linked.',
  })
  async createScimUser(
    @CurrentAccess() access: OrganizationAccess,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(USER_TYPE, query);
    return projected(withVersionHeaders(reply, await this.users.create(access, body)), projection);
  }

  @Scim.Read({ summary: 'Read a user.' })
  async getScimUser(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimUserId') id: string,
    @Query() query: RawQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(USER_TYPE, query);
    return projected(withVersionHeaders(reply, await this.users.view(access, id)), projection);
  }

  @Scim.Replace({ summary: 'Replace the attributes of a user. Without active, membership does not change.' })
  async replaceScimUser(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimUserId') id: string,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @IfMatch() ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(USER_TYPE, query);
    return projected(withVersionHeaders(reply, await this.users.replace(access, id, body, ifMatch)), projection);
  }

  @Scim.Update({
    summary: 'Update a user. With active false the user leaves at once, with true they get back what they had.',
    description: 'Deactivation ends the sessions of the user in this organization.',
  })
  async updateScimUser(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimUserId') id: string,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @IfMatch() ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(USER_TYPE, query);
    return projected(withVersionHeaders(reply, await this.users.patch(access, id, body, ifMatch)), projection);
  }

  @Scim.Delete({
    summary: 'Remove a user from the organization for good. Their account and other memberships stay.',
  })
  deleteScimUser(@CurrentAccess() access: OrganizationAccess, @Param('scimUserId') id: string): Promise<void> {
    return this.users.delete(access, id);
  }
}
