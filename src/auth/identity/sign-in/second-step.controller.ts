import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../../common/access/index.js';
import { ApiErrors } from '../../../http/index.js';
import { CountsWrongSecrets } from '../../../limits/index.js';
import type { SignedIn } from './sign-in.service.js';
import { SIGN_IN_POLICY_ERRORS } from '../../access/index.js';
import { CurrentDevice } from '../sessions/device.js';
import { SignsIn } from '../sessions/session.dto.js';
import type { Device } from '../sessions/session.service.js';
import { AskForPasskey, CompleteMfa, EnrolmentView, EnrolDuringSignIn, SignInWithPasskey } from '../mfa/mfa.dto.js';
import { SecondStepService } from './second-step.service.js';

const ENTERING = [
  'auth.blocked',
  'auth.audience_unknown',
  'auth.organization_selection_required',
  'auth.too_many_attempts',
  'organizations.not_found',
  'organizations.suspended',
  ...SIGN_IN_POLICY_ERRORS,
];

@ApiTags('Sign-in')
@CountsWrongSecrets()
@Controller('t/:operator/api/v1/auth')
export class SecondStepController {
  constructor(private readonly steps: SecondStepService) {}

  @ApiOperation({
    summary: 'Prove the second factor of a sign-in, or confirm the one that you are enrolling.',
  })
  @Post('mfa')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    'auth.invalid_one_time_token',
    'auth.invalid_code',
    'auth.passkey_rejected',
    'auth.passkey_known',
    'auth.too_many_passkeys',
    ...ENTERING,
  )
  @SignsIn()
  completeMfa(
    @Param('operator') operator: string,
    @Body() input: CompleteMfa,
    @CurrentDevice() device: Device,
  ): Promise<SignedIn> {
    return this.steps.complete(operator, input, device);
  }

  @ApiOperation({ summary: 'Enroll a second factor during the sign-in, if one is required and you have none.' })
  @Post('mfa/enrolment')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    'auth.invalid_one_time_token',
    'auth.mfa_already_enrolled',
    'auth.mfa_required',
    'auth.totp_already_enrolled',
    'auth.too_many_passkeys',
    'auth.blocked',
    'auth.too_many_attempts',
  )
  @ApiOkResponse({ type: EnrolmentView })
  enrolDuringSignIn(
    @Param('operator') operator: string,
    @Body() input: EnrolDuringSignIn,
    @CurrentDevice() device: Device,
  ): Promise<EnrolmentView> {
    return this.steps.enrol(operator, input, device);
  }

  @ApiOperation({ summary: 'Get the options for proving a passkey (`navigator.credentials.get`).' })
  @Post('passkeys/options')
  @HttpCode(200)
  @Public()
  @ApiErrors('auth.invalid_one_time_token', 'auth.blocked', 'auth.too_many_attempts')
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  getPasskeyOptions(
    @Param('operator') operator: string,
    @Body() { mfaToken }: AskForPasskey,
    @CurrentDevice() device: Device,
  ): Promise<object> {
    return this.steps.passkeyOptions(operator, mfaToken, device);
  }

  @ApiOperation({ operationId: 'signInWithPasskey', summary: 'Sign in with a passkey instead of a password.' })
  @Post('passkeys/verify')
  @HttpCode(200)
  @Public()
  @ApiErrors('auth.passkey_invalid', ...ENTERING)
  @SignsIn()
  signInWithPasskey(
    @Param('operator') operator: string,
    @Body() input: SignInWithPasskey,
    @CurrentDevice() device: Device,
  ): Promise<SignedIn> {
    return this.steps.withPasskey(operator, input, device);
  }
}
