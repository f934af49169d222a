import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonAccess, RequiresAccount } from '../../../common/access/index.js';
import { IdParam, ApiErrors, ShowsSecret } from '../../../http/index.js';
import { CountsWrongSecrets } from '../../../limits/index.js';
import {
  ConfirmedTotpView,
  ConfirmTotp,
  CreatedPasskeyView,
  CreatePasskey,
  EnrolmentView,
  MfaView,
  PasskeysView,
  PasskeyView,
  RecoveryCodesView,
  RenamePasskey,
  StepUp,
  StepUpView,
} from '../mfa/mfa.dto.js';
import { OwnFactorService } from './own-factor.service.js';
import { StepUpService } from '../mfa/step-up.service.js';

const FRESH = { freshProof: true } as const;
const ANY_OBJECT = { schema: { type: 'object', additionalProperties: true } } as const;

@ApiTags('Account')
@CountsWrongSecrets()
@Controller('t/:operator/api/v1/account')
export class MfaController {
  constructor(
    private readonly factors: OwnFactorService,
    private readonly stepUps: StepUpService,
  ) {}

  @ApiOperation({ summary: 'Get your second factors.' })
  @Get('mfa')
  @RequiresAccount()
  @ApiOkResponse({ type: MfaView })
  getMfa(@CurrentAccess() access: PersonAccess): Promise<MfaView> {
    return this.factors.view(access);
  }

  @ApiOperation({
    summary: 'Start to enroll an authenticator app. It becomes a second factor once you confirm a code.',
  })
  @Post('mfa/totp')
  @ShowsSecret()
  @RequiresAccount(FRESH)
  @ApiErrors('auth.totp_already_enrolled')
  @ApiCreatedResponse({ type: EnrolmentView })
  beginTotp(@CurrentAccess() access: PersonAccess): Promise<EnrolmentView> {
    return this.factors.begin(access, 'totp');
  }

  @ApiOperation({ summary: 'Confirm the authenticator app with one of its codes.' })
  @Post('mfa/totp/confirm')
  @ShowsSecret()
  @HttpCode(200)
  @RequiresAccount(FRESH)
  @ApiErrors('auth.wrong_code', 'auth.too_many_attempts')
  @ApiOkResponse({ type: ConfirmedTotpView })
  confirmTotp(@CurrentAccess() access: PersonAccess, @Body() { code }: ConfirmTotp): Promise<ConfirmedTotpView> {
    return this.factors.confirmTotp(access, code);
  }

  @ApiOperation({
    summary: 'Remove the authenticator app. If it is the last factor, the recovery codes are removed too.',
  })
  @Delete('mfa/totp')
  @HttpCode(204)
  @RequiresAccount(FRESH)
  @ApiErrors('auth.totp_not_found')
  @ApiNoContentResponse()
  removeTotp(@CurrentAccess() access: PersonAccess): Promise<void> {
    return this.factors.removeTotp(access);
  }

  @ApiOperation({ summary: 'Replace all recovery codes with ten new ones.' })
  @Post('mfa/recovery-codes')
  @ShowsSecret()
  @RequiresAccount(FRESH)
  @ApiErrors('auth.mfa_not_enrolled')
  @ApiCreatedResponse({ type: RecoveryCodesView })
  renewRecoveryCodes(@CurrentAccess() access: PersonAccess): Promise<RecoveryCodesView> {
    return this.factors.renewCodes(access);
  }

  @ApiOperation({ summary: 'List your passkeys.' })
  @Get('passkeys')
  @RequiresAccount()
  @ApiOkResponse({ type: PasskeysView })
  listPasskeys(@CurrentAccess() access: PersonAccess): Promise<PasskeysView> {
    return this.factors.listPasskeys(access);
  }

  @ApiOperation({ summary: 'Get the options for creating a passkey (`navigator.credentials.create`).' })
  @Post('passkeys/options')
  @HttpCode(200)
  @RequiresAccount(FRESH)
  @ApiErrors('auth.too_many_passkeys')
  @ApiOkResponse(ANY_OBJECT)
  async getPasskeyCreationOptions(@CurrentAccess() access: PersonAccess): Promise<object> {
    return (await this.factors.begin(access, 'passkey')).options ?? {};
  }

  @ApiOperation({ summary: 'Register the passkey that the browser created.' })
  @Post('passkeys')
  @ShowsSecret()
  @RequiresAccount(FRESH)
  @ApiErrors('auth.passkey_rejected', 'auth.passkey_known', 'auth.too_many_passkeys')
  @ApiCreatedResponse({ type: CreatedPasskeyView })
  addPasskey(@CurrentAccess() access: PersonAccess, @Body() input: CreatePasskey): Promise<CreatedPasskeyView> {
    return this.factors.addPasskey(access, input);
  }

  @ApiOperation({ summary: 'Rename a passkey.' })
  @Patch('passkeys/:passkeyId')
  @RequiresAccount()
  @ApiErrors('auth.passkey_not_found')
  @ApiOkResponse({ type: PasskeyView })
  renamePasskey(
    @CurrentAccess() access: PersonAccess,
    @Param('passkeyId', IdParam) id: string,
    @Body() { name }: RenamePasskey,
  ): Promise<PasskeyView> {
    return this.factors.renamePasskey(access, id, name);
  }

  @ApiOperation({ summary: 'Remove a passkey. If it is the last factor, the recovery codes are removed too.' })
  @Delete('passkeys/:passkeyId')
  @HttpCode(204)
  @RequiresAccount(FRESH)
  @ApiErrors('auth.passkey_not_found')
  @ApiNoContentResponse()
  removePasskey(@CurrentAccess() access: PersonAccess, @Param('passkeyId', IdParam) id: string): Promise<void> {
    return this.factors.removePasskey(access, id);
  }

  @ApiOperation({
    summary: 'Get the options for confirming your identity with a passkey (`navigator.credentials.get`).',
  })
  @Post('step-up/options')
  @HttpCode(200)
  @RequiresAccount({ withoutOwnProof: 'allowed' })
  @ApiOkResponse(ANY_OBJECT)
  getStepUpOptions(@CurrentAccess() access: PersonAccess): Promise<object> {
    return this.stepUps.passkeyOptions(access);
  }

  @ApiOperation({
    summary:
      'Confirm your identity again. Operations that ask for it, and organizations that require a second factor, are then open for ten minutes.',
  })
  @Post('step-up')
  @HttpCode(200)
  @RequiresAccount({ withoutOwnProof: 'allowed' })
  @ApiErrors(
    'auth.wrong_code',
    'auth.wrong_password',
    'auth.invalid_one_time_token',
    'auth.step_up_required',
    'auth.too_many_attempts',
    'auth.busy',
  )
  @ApiOkResponse({ type: StepUpView })
  stepUp(@CurrentAccess() access: PersonAccess, @Body() input: StepUp): Promise<StepUpView> {
    return this.stepUps.prove(access, input);
  }
}
