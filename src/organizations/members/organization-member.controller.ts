import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  CurrentAccess,
  type OrganizationAccess,
  type PersonAccess,
  Requires,
  RequiresAccount,
} from '../../common/access/index.js';
import { IdParam, IfMatch, ApiErrors } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { MemberQuery, RemoveMember } from '../../users/index.js';
import {
  ChangeOrganizationMember,
  MembershipQuery,
  MembershipView,
  OrganizationMemberView,
} from './organization-member.dto.js';
import { OrganizationMemberService } from './organization-member.service.js';

class MemberPage extends PageOf(OrganizationMemberView) {}

const GRANTING = ['members.role_above_own', 'roles.not_found', 'roles.not_assignable', 'roles.permission_not_held'];
class MembershipPage extends PageOf(MembershipView) {}

@ApiTags('Members')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/members')
export class OrganizationMemberController {
  constructor(private readonly members: OrganizationMemberService) {}

  @ApiOperation({ summary: 'List the members of an organization.' })
  @Get()
  @Requires('organization', 'members:list', { whileDeleted: true })
  @ApiOkResponse({ type: MemberPage })
  listMembers(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: MemberQuery,
  ): Promise<Page<OrganizationMemberView>> {
    return this.members.list(access, query);
  }

  @ApiOperation({ summary: "Change a member's role, or their functional and custom roles." })
  @Patch(':userId')
  @Requires('organization', 'members:edit')
  @ApiErrors('members.not_found', 'members.last_admin', ...GRANTING)
  @ApiOkResponse({ type: OrganizationMemberView })
  changeMemberRole(
    @CurrentAccess() access: OrganizationAccess,
    @Param('userId', IdParam) userId: string,
    @Body() input: ChangeOrganizationMember,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<OrganizationMemberView> {
    return this.members.changeRole(access, userId, input, ifMatch);
  }

  @ApiOperation({ summary: 'Remove a member. Their account and other memberships stay.' })
  @Delete(':userId')
  @HttpCode(204)
  @Requires('organization', 'members:remove')
  @ApiErrors(
    'members.not_found',
    'members.role_above_own',
    'roles.permission_not_held',
    'members.last_admin',
    'users.not_found',
  )
  @ApiNoContentResponse()
  removeMember(
    @CurrentAccess() access: OrganizationAccess,
    @Param('userId', IdParam) userId: string,
    @Query() query: RemoveMember,
  ): Promise<void> {
    return this.members.remove(access, userId, query.newAdminUserId);
  }
}

@ApiTags('Account')
@Controller('t/:operator/api/v1/account/organizations')
export class AccountOrganizationController {
  constructor(private readonly members: OrganizationMemberService) {}

  @ApiOperation({ summary: 'List your organizations with your role in each.' })
  @Get()
  @RequiresAccount()
  @ApiOkResponse({ type: MembershipPage })
  listOwnOrganizations(
    @CurrentAccess() access: PersonAccess,
    @Query() query: MembershipQuery,
  ): Promise<Page<MembershipView>> {
    return this.members.listOfUser(access, query);
  }

  @ApiOperation({ summary: 'Leave an organization.' })
  @Delete(':orgId')
  @HttpCode(204)
  @RequiresAccount()
  @ApiErrors('organizations.not_found', 'members.last_admin')
  @ApiNoContentResponse()
  leaveOrganization(
    @CurrentAccess() access: PersonAccess,
    @Param('orgId', IdParam) organizationId: string,
  ): Promise<void> {
    return this.members.leave(access, organizationId);
  }
}
