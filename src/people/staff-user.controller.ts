import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonAccess, Requires } from '../common/access/index.js';
import { ApiErrors, IdParam } from '../http/index.js';
import { SessionView } from '../auth/identity/index.js';
import { type Page, PageOf, PageQuery } from '../common/pagination/index.js';
import { UserView } from '../users/index.js';
import { BlockingService } from './blocking.service.js';
import { ErasureService } from './erasure.service.js';
import { BlockUser, ConfirmErasure } from './people.dto.js';
import { UserDetailView } from './user-detail.dto.js';
import { UserDetailService } from './user-detail.service.js';

const ACTING_ON_USER = ['users.not_found', 'users.own_account', 'members.role_above_own'];

class UserSessionPage extends PageOf(SessionView) {}

@ApiTags('Users')
@Controller('t/:operator/api/v1/admin/users/:userId')
export class StaffUserController {
  constructor(
    private readonly blocking: BlockingService,
    private readonly erasure: ErasureService,
    private readonly details: UserDetailService,
  ) {}

  @ApiOperation({ summary: 'Read a user: memberships, factors and last sign-in.' })
  @Get()
  @Requires('operator', 'users:list')
  @ApiErrors('users.not_found')
  @ApiOkResponse({ type: UserDetailView })
  getUser(@CurrentAccess() access: PersonAccess, @Param('userId', IdParam) userId: string): Promise<UserDetailView> {
    return this.details.view(access, userId);
  }

  @ApiOperation({ summary: 'List the sessions of a user.' })
  @Get('sessions')
  @Requires('operator', 'users:list')
  @ApiErrors('users.not_found')
  @ApiOkResponse({ type: UserSessionPage })
  listUserSessions(
    @CurrentAccess() access: PersonAccess,
    @Param('userId', IdParam) userId: string,
    @Query() query: PageQuery,
  ): Promise<Page<SessionView>> {
    return this.details.listSessions(access, userId, query);
  }

  @ApiOperation({
    summary: 'Block a user. Ends their sessions, revokes the API keys they created, and rejects every sign-in.',
  })
  @Post('block')
  @HttpCode(200)
  @Requires('operator', 'users:block')
  @ApiErrors(...ACTING_ON_USER)
  @ApiOkResponse({ type: UserView })
  blockUser(
    @CurrentAccess() access: PersonAccess,
    @Param('userId', IdParam) userId: string,
    @Body() { reason }: BlockUser,
  ): Promise<UserView> {
    return this.blocking.block(access, userId, reason);
  }

  @ApiOperation({ summary: 'Unblock a user. Ended sessions and revoked API keys stay ended.' })
  @Post('unblock')
  @HttpCode(200)
  @Requires('operator', 'users:block', { freshProof: true })
  @ApiErrors(...ACTING_ON_USER)
  @ApiOkResponse({ type: UserView })
  unblockUser(@CurrentAccess() access: PersonAccess, @Param('userId', IdParam) userId: string): Promise<UserView> {
    return this.blocking.unblock(access, userId);
  }

  @ApiOperation({ summary: 'Sign a user out everywhere.' })
  @Delete('sessions')
  @HttpCode(204)
  @Requires('operator', 'users:signOut')
  @ApiErrors(...ACTING_ON_USER)
  @ApiNoContentResponse()
  endUserSessions(@CurrentAccess() access: PersonAccess, @Param('userId', IdParam) userId: string): Promise<void> {
    return this.blocking.signOut(access, userId);
  }

  @ApiOperation({
    summary: 'Erase an account and its personal data. Only its id is left, in the audit log. Cannot be undone.',
  })
  @Delete()
  @HttpCode(204)
  @Requires('operator', 'users:erase', { freshProof: true })
  @ApiErrors(...ACTING_ON_USER, 'users.confirmation_mismatch', 'users.last_admin')
  @ApiNoContentResponse()
  eraseUser(
    @CurrentAccess() access: PersonAccess,
    @Param('userId', IdParam) userId: string,
    @Query() { confirmEmail }: ConfirmErasure,
  ): Promise<void> {
    return this.erasure.eraseByStaff(access, userId, confirmEmail);
  }
}
