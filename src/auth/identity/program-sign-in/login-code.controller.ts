import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonAccess, RequiresAccount } from '../../../common/access/index.js';
import { ApiErrors, ShowsSecret } from '../../../http/index.js';
import { CreateLoginCode, LoginCodeView } from './login-code.dto.js';
import { LoginCodeService } from './login-code.service.js';

@ApiTags('Account')
@Controller('t/:operator/api/v1/account/login-codes')
export class LoginCodeController {
  constructor(private readonly codes: LoginCodeService) {}

  @ApiOperation({
    summary: 'Create a code with which a program on the same machine signs in as you (RFC 8252).',
    description:
      'For the page that a program opened with `redirect_uri`, `code_challenge` and `state`. Any way to sign in will do. The program gets a session of its own, as wide as this one, with `POST …/auth/token` and the grant type `authorization_code`.',
  })
  @Post()
  @ShowsSecret()
  @RequiresAccount({ withoutOwnProof: 'allowed' })
  @ApiErrors('auth.step_up_required', 'auth.too_many_attempts')
  @ApiCreatedResponse({ type: LoginCodeView })
  createLoginCode(@CurrentAccess() access: PersonAccess, @Body() input: CreateLoginCode): Promise<LoginCodeView> {
    return this.codes.create(access, input);
  }
}
