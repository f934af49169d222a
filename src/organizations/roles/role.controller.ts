import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { IfMatch, ApiErrors } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { CreateRole, DeleteRole, PatchRole, RoleQuery, RoleView } from './role.dto.js';
import { RoleService } from './role.service.js';

class RolePage extends PageOf(RoleView) {}

@ApiTags('Roles')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/roles')
export class RoleController {
  constructor(private readonly roles: RoleService) {}

  @ApiOperation({ summary: 'List the roles of an organization with their permissions, including built-in ones.' })
  @Get()
  @Requires('organization', 'roles:list')
  @ApiOkResponse({ type: RolePage })
  listRoles(@CurrentAccess() access: OrganizationAccess, @Query() query: RoleQuery): Promise<Page<RoleView>> {
    return this.roles.list(access, query);
  }

  @ApiOperation({ summary: 'Create a role from permissions that you hold.' })
  @Post()
  @Requires('organization', 'roles:edit', { freshProof: true })
  @ApiErrors('roles.key_taken', 'roles.name_taken', 'roles.permission_not_held', 'roles.limit_reached')
  @ApiCreatedResponse({ type: RoleView })
  createRole(@CurrentAccess() access: OrganizationAccess, @Body() input: CreateRole): Promise<RoleView> {
    return this.roles.create(access, input);
  }

  @ApiOperation({ summary: 'Read a role.' })
  @Get(':roleId')
  @Requires('organization', 'roles:list')
  @ApiErrors('roles.not_found')
  @ApiOkResponse({ type: RoleView })
  getRole(@CurrentAccess() access: OrganizationAccess, @Param('roleId') id: string): Promise<RoleView> {
    return this.roles.view(access, id);
  }

  @ApiOperation({ summary: 'Change a role. The change applies at once to everyone who holds it.' })
  @Patch(':roleId')
  @Requires('organization', 'roles:edit', { freshProof: true })
  @ApiErrors('roles.not_found', 'roles.name_taken', 'roles.read_only', 'roles.permission_not_held')
  @ApiOkResponse({ type: RoleView })
  updateRole(
    @CurrentAccess() access: OrganizationAccess,
    @Param('roleId') id: string,
    @Body() input: PatchRole,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<RoleView> {
    return this.roles.patch(access, id, input, ifMatch);
  }

  @ApiOperation({ summary: 'Delete a role. Where it is in use, a replacement takes its place.' })
  @Delete(':roleId')
  @HttpCode(204)
  @Requires('organization', 'roles:edit', { freshProof: true })
  @ApiErrors('roles.not_found', 'roles.read_only', 'roles.in_use', 'roles.not_assignable', 'roles.permission_not_held')
  @ApiNoContentResponse()
  deleteRole(
    @CurrentAccess() access: OrganizationAccess,
    @Param('roleId') id: string,
    @Query() query: DeleteRole,
  ): Promise<void> {
    return this.roles.delete(access, id, query.replacementRoleId);
  }
}
