import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonAccess, RequiresAccount } from '../../common/access/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { ApiErrors, IdParam } from '../../http/index.js';
import { MembershipQuery, MembershipView, NoticesView, PatchNotices } from './organization-member.dto.js';
import { OrganizationMemberService } from './organization-member.service.js';

class MembershipPage extends PageOf(MembershipView) {}

@ApiTags('Account')
@Controller('t/:operator/api/v1/account/organizations')
export class AccountOrganizationController {
  constructor(private readonly members: OrganizationMemberService) {}

  @ApiOperation({ summary: 'List your organizations with your role in each.' })
  @Get()
  @RequiresAccount({ withoutOwnProof: 'ownOrganization' })
  @ApiOkResponse({ type: MembershipPage })
  listOwnOrganizations(
    @CurrentAccess() access: PersonAccess,
    @Query() query: MembershipQuery,
  ): Promise<Page<MembershipView>> {
    return this.members.listOfUser(access, query);
  }

  @ApiOperation({
    summary: 'Choose which mails about an organization you get.',
    description: 'Mails about sign-in, membership and the deletion of the organization cannot be switched off.',
  })
  @Patch(':orgId/notices')
  @RequiresAccount()
  @ApiErrors('organizations.not_found')
  @ApiOkResponse({ type: NoticesView })
  changeOwnNotices(
    @CurrentAccess() access: PersonAccess,
    @Param('orgId', IdParam) organizationId: string,
    @Body() input: PatchNotices,
  ): Promise<NoticesView> {
    return this.members.changeNotices(access, organizationId, input);
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
