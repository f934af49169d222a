import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../common/access/index.js';
import { IdParam, IfMatch, ApiErrors } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import { RemoveMember } from '../users/index.js';
import {
  AddOrganizationMember,
  ChangeOrganizationMember,
  OrganizationMemberDetailView,
  OrganizationMemberQuery,
  OrganizationMemberService,
  OrganizationMemberView,
} from '../organizations/index.js';
import { AdmissionService } from './admission.service.js';

class MemberPage extends PageOf(OrganizationMemberView) {}

const GRANTING = ['members.role_above_own', 'roles.not_found', 'roles.not_assignable', 'roles.permission_not_held'];
@ApiTags('Members')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/members')
export class OrganizationMemberController {
  constructor(
    private readonly members: OrganizationMemberService,
    private readonly admission: AdmissionService,
  ) {}

  @ApiOperation({ summary: 'List the members of an organization.' })
  @Get()
  @Requires('organization', 'members:list', { whileDeleted: true })
  @ApiOkResponse({ type: MemberPage })
  listMembers(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: OrganizationMemberQuery,
  ): Promise<Page<OrganizationMemberView>> {
    return this.members.list(access, query);
  }

  @ApiOperation({
    summary: 'Add an existing user of the operator.',
    description:
      'Operator staff add any user. Other admins add users with an address in a domain that the organization proved, and ' +
      'invite everyone else.',
  })
  @Post()
  @Requires('organization', 'members:add')
  @ApiErrors(
    'users.not_found',
    'members.already_member',
    'members.invitation_required',
    ...GRANTING,
    'organizations.no_seat_left',
  )
  @ApiCreatedResponse({ type: OrganizationMemberView })
  addMember(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: AddOrganizationMember,
  ): Promise<OrganizationMemberView> {
    return this.admission.add(access, input);
  }

  @ApiOperation({ summary: 'Read a member, with their units and how they joined.' })
  @Get(':userId')
  @Requires('organization', 'members:list', { whileDeleted: true })
  @ApiErrors('members.not_found')
  @ApiOkResponse({ type: OrganizationMemberDetailView })
  getMember(
    @CurrentAccess() access: OrganizationAccess,
    @Param('userId', IdParam) userId: string,
  ): Promise<OrganizationMemberDetailView> {
    return this.members.detail(access, userId);
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
