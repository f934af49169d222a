import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Origin, Public } from '../../../common/access/index.js';
import { ApiErrors } from '../../../http/index.js';
import { CountsWrongSecrets } from '../../../limits/index.js';
import { CurrentOrigin } from '../../access/index.js';
import { ForgotPassword, ForgottenPasswordView, ResetPassword } from './password-reset.dto.js';
import { PasswordResetService } from './password-reset.service.js';

@ApiTags('Sign-in')
@CountsWrongSecrets()
@Controller('t/:operator/api/v1/auth/password')
export class PasswordResetController {
  constructor(private readonly passwords: PasswordResetService) {}

  @ApiOperation({ summary: 'Request a link to choose a new password, which is mailed to the address.' })
  @Post('forgot')
  @HttpCode(202)
  @Public()
  @ApiErrors('auth.too_many_attempts')
  @ApiAcceptedResponse({ type: ForgottenPasswordView })
  async forgotPassword(
    @Param('operator') operator: string,
    @Body() input: ForgotPassword,
    @CurrentOrigin() origin: Origin,
  ): Promise<ForgottenPasswordView> {
    await this.passwords.forgot(operator, input.email, origin);
    return { status: 'mail_sent' };
  }

  @ApiOperation({
    summary: 'Set a new password with the token from the mailed link. Ends all sessions of the account.',
  })
  @Post('reset')
  @HttpCode(204)
  @Public()
  @ApiErrors(
    'auth.invalid_one_time_token',
    'auth.password_too_short',
    'auth.password_too_weak',
    'auth.password_too_common',
    'auth.too_many_attempts',
    'auth.busy',
  )
  @ApiNoContentResponse()
  resetPassword(
    @Param('operator') operator: string,
    @Body() input: ResetPassword,
    @CurrentOrigin() origin: Origin,
  ): Promise<void> {
    return this.passwords.reset(operator, input, origin);
  }
}
