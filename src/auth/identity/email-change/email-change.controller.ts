import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type PersonAccess,
  CurrentAccess,
  type Origin,
  Public,
  RequiresAccount,
} from '../../../common/access/index.js';
import { ApiErrors } from '../../../http/index.js';
import { CountsWrongSecrets } from '../../../limits/index.js';
import { CurrentOrigin } from '../../access/index.js';
import { AskForEmailChange, ConfirmedEmailView, ConfirmEmail, EmailChangeView } from './email-change.dto.js';
import { EmailChangeService } from './email-change.service.js';

@ApiTags('Account')
@Controller('t/:operator/api/v1/account/email-change')
export class EmailChangeController {
  constructor(private readonly changes: EmailChangeService) {}

  @ApiOperation({
    summary:
      'Request a change of email address. Links are mailed to the current and the new address, and both must confirm.',
  })
  @Post()
  @HttpCode(202)
  @RequiresAccount({ freshProof: true })
  @ApiErrors('auth.wrong_password', 'auth.email_unchanged', 'auth.too_many_attempts', 'auth.busy')
  @ApiAcceptedResponse({ type: EmailChangeView })
  askForEmailChange(@CurrentAccess() access: PersonAccess, @Body() input: AskForEmailChange): Promise<EmailChangeView> {
    return this.changes.ask(access, input);
  }

  @ApiOperation({ summary: 'Get the pending change of email address.' })
  @Get()
  @RequiresAccount()
  @ApiErrors('auth.email_change_not_found')
  @ApiOkResponse({ type: EmailChangeView })
  getEmailChange(@CurrentAccess() access: PersonAccess): Promise<EmailChangeView> {
    return this.changes.find(access);
  }

  @ApiOperation({ summary: 'Cancel the pending change of email address.' })
  @Delete()
  @HttpCode(204)
  @RequiresAccount()
  @ApiErrors('auth.email_change_not_found')
  @ApiNoContentResponse()
  cancelEmailChange(@CurrentAccess() access: PersonAccess): Promise<void> {
    return this.changes.cancel(access);
  }
}

@ApiTags('Sign-in')
@CountsWrongSecrets()
@Controller('t/:operator/api/v1/auth')
export class ConfirmEmailController {
  constructor(private readonly changes: EmailChangeService) {}

  @ApiOperation({
    summary:
      'Confirm a change of email address with the token of one of the two mailed links. The second confirmation makes the change.',
  })
  @Post('confirm-email')
  @HttpCode(200)
  @Public()
  @ApiErrors('auth.invalid_one_time_token', 'auth.too_many_attempts', 'users.email_taken')
  @ApiOkResponse({ type: ConfirmedEmailView })
  confirmEmail(
    @Param('operator') operator: string,
    @Body() input: ConfirmEmail,
    @CurrentOrigin() origin: Origin,
  ): Promise<ConfirmedEmailView> {
    return this.changes.confirm(operator, input.token, origin);
  }
}
