import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, Requires } from '../../common/access/index.js';
import { ApiErrors, IdParam, IfMatch } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { AddMember, ChangeMember, MemberQuery, MemberView, RemoveMember } from '../members/index.js';
import { StaffService } from './staff.service.js';

class StaffPage extends PageOf(MemberView, 'Staff') {}

@ApiTags('Operators')
@Controller('t/:operator/api/v1/admin/operator/members')
export class StaffController {
  constructor(private readonly staff: StaffService) {}

  @ApiOperation({ summary: "List the operator's staff." })
  @Get()
  @Requires('operator', 'operator-members:list')
  @ApiOkResponse({ type: StaffPage })
  listStaff(@CurrentAccess() access: Access, @Query() query: MemberQuery): Promise<Page<MemberView>> {
    return this.staff.list(access, query);
  }

  @ApiOperation({ summary: 'Give an existing user a role at the operator.' })
  @Post()
  @Requires('operator', 'operator-members:add', { freshProof: true })
  @ApiErrors('users.not_found', 'members.already_member', 'members.role_above_own')
  @ApiCreatedResponse({ type: MemberView })
  addStaff(@CurrentAccess() access: Access, @Body() input: AddMember): Promise<MemberView> {
    return this.staff.add(access, input);
  }

  @ApiOperation({ summary: "Change a user's role at the operator." })
  @Patch(':userId')
  @Requires('operator', 'operator-members:edit', { freshProof: true })
  @ApiErrors('members.not_found', 'members.role_above_own', 'members.last_admin')
  @ApiOkResponse({ type: MemberView })
  changeStaffRole(
    @CurrentAccess() access: Access,
    @Param('userId', IdParam) userId: string,
    @Body() input: ChangeMember,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<MemberView> {
    return this.staff.changeRole(access, userId, input, ifMatch);
  }

  @ApiOperation({ summary: "Remove a user from the operator's staff. The account stays." })
  @Delete(':userId')
  @HttpCode(204)
  @Requires('operator', 'operator-members:remove', { freshProof: true })
  @ApiErrors('members.not_found', 'members.role_above_own', 'members.last_admin', 'users.not_found')
  @ApiNoContentResponse()
  removeStaff(
    @CurrentAccess() access: Access,
    @Param('userId', IdParam) userId: string,
    @Query() query: RemoveMember,
  ): Promise<void> {
    return this.staff.remove(access, userId, query.newAdminUserId);
  }
}
