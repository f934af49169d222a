import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../common/access/index.js';
import { ApiErrors } from '../http/index.js';
import { AddOrganizationMember, OrganizationMemberView } from '../organizations/index.js';
import { AdmissionService } from './admission.service.js';

@ApiTags('Members')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/members')
export class MembershipController {
  constructor(private readonly memberships: AdmissionService) {}

  @ApiOperation({ summary: 'Add an existing user of the operator.' })
  @Post()
  @Requires('organization', 'members:add')
  @ApiErrors(
    'users.not_found',
    'members.already_member',
    'members.role_above_own',
    'roles.not_found',
    'roles.not_assignable',
    'roles.permission_not_held',
    'organizations.no_seat_left',
  )
  @ApiCreatedResponse({ type: OrganizationMemberView })
  addMember(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: AddOrganizationMember,
  ): Promise<OrganizationMemberView> {
    return this.memberships.add(access, input);
  }
}
