import { Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type PersonAccess, CurrentAccess, Requires, RequiresAccount } from '../common/access/index.js';
import { IfMatch, ApiErrors } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import { AccountView, PatchAccount, UserQuery, UserView } from './user.dto.js';
import { UserService } from './user.service.js';

class UserPage extends PageOf(UserView) {}

@ApiTags('Users')
@Controller('t/:operator/api/v1/admin/users')
export class UserController {
  constructor(private readonly users: UserService) {}

  @ApiOperation({
    summary: 'Find users of the operator.',
    description:
      'Managers of organizations must give a complete `email`. They find members of their organizations, and users with an address in a ' +
      'domain that one of these proved.',
  })
  @Get()
  @Requires('operator', 'users:find')
  @ApiErrors('users.lookup_not_allowed', 'users.email_required')
  @ApiOkResponse({ type: UserPage })
  listUsers(@CurrentAccess() access: PersonAccess, @Query() query: UserQuery): Promise<Page<UserView>> {
    return this.users.list(access, query);
  }
}

@ApiTags('Account')
@Controller('t/:operator/api/v1/account')
export class AccountController {
  constructor(private readonly users: UserService) {}

  @ApiOperation({ summary: 'Read your own account.' })
  @Get()
  @RequiresAccount({ withoutOwnProof: 'allowed' })
  @ApiOkResponse({ type: AccountView })
  getAccount(@CurrentAccess() access: PersonAccess): Promise<AccountView> {
    return this.users.account(access);
  }

  @ApiOperation({ summary: 'Change your own account.' })
  @Patch()
  @RequiresAccount()
  @ApiOkResponse({ type: AccountView })
  updateAccount(
    @CurrentAccess() access: PersonAccess,
    @Body() input: PatchAccount,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AccountView> {
    return this.users.updateAccount(access, input, ifMatch);
  }
}
