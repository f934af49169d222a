import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, Requires, type UnitAccess } from '../../common/access/index.js';
import { IdParam, IfMatch, ApiErrors } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { AddMember, ChangeMember, MemberQuery, MemberView, RemoveMember } from '../../users/index.js';
import { UnitMemberService } from './unit-member.service.js';

class UnitMemberPage extends PageOf(MemberView, 'UnitMember') {}

@ApiTags('Units')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/units/:unitId/members')
export class UnitMemberController {
  constructor(private readonly members: UnitMemberService) {}

  @ApiOperation({ summary: 'List the members of a unit.' })
  @Get()
  @Requires('unit', 'unit-members:list')
  @ApiOkResponse({ type: UnitMemberPage })
  listUnitMembers(@CurrentAccess() access: UnitAccess, @Query() query: MemberQuery): Promise<Page<MemberView>> {
    return this.members.list(access, query);
  }

  @ApiOperation({ summary: 'Add a member of the organization to a unit.' })
  @Post()
  @Requires('unit', 'unit-members:add')
  @ApiErrors('users.not_found', 'members.already_member', 'members.role_above_own')
  @ApiCreatedResponse({ type: MemberView })
  addUnitMember(@CurrentAccess() access: UnitAccess, @Body() input: AddMember): Promise<MemberView> {
    return this.members.add(access, input);
  }

  @ApiOperation({ summary: 'Change the role of a member of a unit.' })
  @Patch(':userId')
  @Requires('unit', 'unit-members:edit')
  @ApiErrors('members.not_found', 'members.role_above_own')
  @ApiOkResponse({ type: MemberView })
  changeUnitMemberRole(
    @CurrentAccess() access: UnitAccess,
    @Param('userId', IdParam) userId: string,
    @Body() input: ChangeMember,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<MemberView> {
    return this.members.changeRole(access, userId, input, ifMatch);
  }

  @ApiOperation({ summary: 'Remove a member from a unit. They stay in the organization.' })
  @Delete(':userId')
  @HttpCode(204)
  @Requires('unit', 'unit-members:remove')
  @ApiErrors('members.not_found', 'members.role_above_own')
  @ApiNoContentResponse()
  removeUnitMember(
    @CurrentAccess() access: UnitAccess,
    @Param('userId', IdParam) userId: string,
    @Query() query: RemoveMember,
  ): Promise<void> {
    return this.members.remove(access, userId, query.newAdminUserId);
  }
}
