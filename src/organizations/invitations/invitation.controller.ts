import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { IdParam, ApiErrors } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import {
  CreateInvitation,
  CreateInvitations,
  InvitationQuery,
  InvitationResults,
  InvitationView,
} from './invitation.dto.js';
import { InvitationService } from './invitation.service.js';

class InvitationPage extends PageOf(InvitationView) {}

const SETTLED = ['invitations.accepted', 'invitations.declined', 'invitations.revoked'];

@ApiTags('Invitations')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/invitations')
export class InvitationController {
  constructor(private readonly invitations: InvitationService) {}

  @ApiOperation({ summary: 'List the invitations of an organization.' })
  @Get()
  @Requires('organization', 'invitations:list')
  @ApiOkResponse({ type: InvitationPage })
  listInvitations(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: InvitationQuery,
  ): Promise<Page<InvitationView>> {
    return this.invitations.list(access, query);
  }

  @ApiOperation({ summary: 'Invite a user. A link is mailed to the address.' })
  @Post()
  @Requires('organization', 'invitations:create')
  @ApiErrors(
    'auth.invitations_off',
    'auth.invitations_restricted',
    'invitations.already_pending',
    'invitations.too_many',
    'members.already_member',
    'members.role_above_own',
    'units.not_found',
    'roles.not_found',
    'roles.not_assignable',
    'roles.permission_not_held',
    'organizations.no_seat_left',
  )
  @ApiCreatedResponse({ type: InvitationView })
  createInvitation(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: CreateInvitation,
  ): Promise<InvitationView> {
    return this.invitations.create(access, input);
  }

  @ApiOperation({ summary: 'Invite up to 200 users. Each invitation has its own result.' })
  @Post('bulk')
  @HttpCode(200)
  @Requires('organization', 'invitations:create')
  @ApiErrors('auth.invitations_off', 'auth.invitations_restricted')
  @ApiOkResponse({ type: InvitationResults })
  async createInvitations(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: CreateInvitations,
  ): Promise<InvitationResults> {
    return { results: await this.invitations.createMany(access, input.items) };
  }

  @ApiOperation({ summary: 'Read an invitation.' })
  @Get(':invitationId')
  @Requires('organization', 'invitations:list')
  @ApiErrors('invitations.not_found')
  @ApiOkResponse({ type: InvitationView })
  getInvitation(
    @CurrentAccess() access: OrganizationAccess,
    @Param('invitationId', IdParam) id: string,
  ): Promise<InvitationView> {
    return this.invitations.view(access, id);
  }

  @ApiOperation({ summary: 'Revoke an invitation. Its link stops working.' })
  @Delete(':invitationId')
  @HttpCode(204)
  @Requires('organization', 'invitations:revoke')
  @ApiErrors(
    'invitations.not_found',
    'members.role_above_own',
    'roles.permission_not_held',
    'organizations.no_seat_left',
    ...SETTLED,
  )
  @ApiNoContentResponse()
  revokeInvitation(
    @CurrentAccess() access: OrganizationAccess,
    @Param('invitationId', IdParam) id: string,
  ): Promise<void> {
    return this.invitations.revoke(access, id);
  }

  @ApiOperation({ summary: 'Mail a new link, also for an expired invitation. The old link stops working.' })
  @Post(':invitationId/resend')
  @HttpCode(200)
  @Requires('organization', 'invitations:resend')
  @ApiErrors(
    'auth.invitations_off',
    'auth.invitations_restricted',
    'invitations.not_found',
    'invitations.too_many',
    'members.role_above_own',
    'roles.permission_not_held',
    'organizations.no_seat_left',
    ...SETTLED,
  )
  @ApiOkResponse({ type: InvitationView })
  resendInvitation(
    @CurrentAccess() access: OrganizationAccess,
    @Param('invitationId', IdParam) id: string,
  ): Promise<InvitationView> {
    return this.invitations.resend(access, id);
  }
}
