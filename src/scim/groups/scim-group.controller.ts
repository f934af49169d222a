import { Body, Controller, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess } from '../../common/access/index.js';
import { IfMatch } from '../../http/index.js';
import { GROUP_TYPE } from '../protocol/attributes.js';
import { projected, projectionOf } from '../protocol/projection.js';
import type { RawQuery } from '../protocol/raw-query.js';
import { type ListResponse, withVersionHeaders } from '../protocol/resource.js';
import { GROUP_BODY } from '../protocol/scim.openapi.js';
import { SCIM_PATH, scimRoutes } from '../protocol/scim-routes.js';
import { ScimGroupService } from './scim-group.service.js';

const CHANGE_ERRORS = ['scim.display_name_taken', 'members.last_admin'];

const Scim = scimRoutes({
  idParameter: 'scimGroupId',
  body: GROUP_BODY,
  createErrors: ['scim.limit_reached', ...CHANGE_ERRORS],
  changeErrors: CHANGE_ERRORS,
  deleteErrors: ['members.last_admin'],
});

@ApiTags('SCIM')
@Controller(`${SCIM_PATH}/Groups`)
export class ScimGroupController {
  constructor(private readonly groups: ScimGroupService) {}

  @Scim.List({ summary: 'List the groups that the identity provider has created.' })
  listScimGroups(@CurrentAccess() access: OrganizationAccess, @Query() query: RawQuery): Promise<ListResponse> {
    return this.groups.list(access, query);
  }

  @Scim.Create({ summary: 'Create a group. The SCIM settings say by its displayName what it grants.' })
  async createScimGroup(
    @CurrentAccess() access: OrganizationAccess,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(GROUP_TYPE, query);
    return projected(withVersionHeaders(reply, await this.groups.create(access, body)), projection);
  }

  @Scim.Read({ summary: 'Read a group.' })
  async getScimGroup(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimGroupId') id: string,
    @Query() query: RawQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(GROUP_TYPE, query);
    return projected(withVersionHeaders(reply, await this.groups.view(access, id, projection)), projection);
  }

  @Scim.Replace({ summary: 'Replace a group and its members.' })
  async replaceScimGroup(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimGroupId') id: string,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @IfMatch() ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(GROUP_TYPE, query);
    return projected(withVersionHeaders(reply, await this.groups.replace(access, id, body, ifMatch)), projection);
  }

  @Scim.Update({ summary: 'Update a group, for example add or remove members.' })
  async updateScimGroup(
    @CurrentAccess() access: OrganizationAccess,
    @Param('scimGroupId') id: string,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @IfMatch() ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const projection = projectionOf(GROUP_TYPE, query);
    return projected(withVersionHeaders(reply, await this.groups.patch(access, id, body, ifMatch)), projection);
  }

  @Scim.Delete({ summary: 'Delete a group and revoke what it granted. Its members stay in the organization.' })
  deleteScimGroup(@CurrentAccess() access: OrganizationAccess, @Param('scimGroupId') id: string): Promise<void> {
    return this.groups.delete(access, id);
  }
}
