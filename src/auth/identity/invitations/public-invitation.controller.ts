import {
  Body,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  HttpCode,
  Param,
  Post,
} from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Origin, Public } from '../../../common/access/index.js';
import { ApiErrors } from '../../../http/index.js';
import { CountsWrongSecrets } from '../../../limits/index.js';
import { CurrentOrigin, SIGN_IN_POLICY_ERRORS } from '../../access/index.js';
import type { SignedIn } from '../sign-in/sign-in.service.js';
import { CurrentDevice } from '../sessions/device.js';
import { MfaRequiredView, ReturnsTokens } from '../sessions/session.dto.js';
import type { Device } from '../sessions/session.service.js';
import { InvitationAcceptanceService } from './invitation-acceptance.service.js';
import { AcceptedInvitationView, AcceptInvitation, OpenInvitationView } from './invitation.dto.js';

const CurrentContext = createParamDecorator((_: unknown, context: ExecutionContext) => context);

const SETTLED = [
  'invitations.not_found',
  'invitations.accepted',
  'invitations.declined',
  'invitations.revoked',
] as const;
const UNUSABLE = [...SETTLED, 'invitations.expired', 'organizations.suspended'] as const;

/** Serves callers who hold the token of a mailed invitation. */
@ApiTags('Sign-in')
@CountsWrongSecrets()
@Controller('t/:operator/api/v1/auth/invitations/:token')
export class PublicInvitationController {
  constructor(private readonly acceptance: InvitationAcceptanceService) {}

  @ApiOperation({ summary: 'Get an invitation by the token of its link, without using the token.' })
  @Get()
  @Public()
  @ApiErrors(...UNUSABLE)
  @ApiOkResponse({ type: OpenInvitationView })
  lookAtInvitation(@Param('operator') operator: string, @Param('token') token: string): Promise<OpenInvitationView> {
    return this.acceptance.look(operator, token);
  }

  @ApiOperation({
    summary: 'Accept an invitation. Pass a name and password for a new account, or sign in as the invited address.',
  })
  @Post('accept')
  @HttpCode(200)
  @Public()
  @ApiErrors(
    ...UNUSABLE,
    'auth.step_up_required',
    'invitations.wrong_account',
    'invitations.inviter_lost_right',
    'auth.unauthenticated',
    'auth.invalid_token',
    'auth.blocked',
    'auth.already_verified',
    'auth.password_too_short',
    'auth.password_too_weak',
    'auth.password_too_common',
    'auth.too_many_attempts',
    'auth.busy',
    ...SIGN_IN_POLICY_ERRORS,
  )
  @ReturnsTokens(
    'Tokens for a new account, or the membership of an existing account.',
    'begin',
    MfaRequiredView,
    AcceptedInvitationView,
  )
  acceptInvitation(
    @Param('operator') operator: string,
    @Param('token') token: string,
    @Body() input: AcceptInvitation,
    @CurrentContext() context: ExecutionContext,
    @CurrentDevice() device: Device,
  ): Promise<SignedIn | AcceptedInvitationView> {
    return this.acceptance.accept(operator, token, input, context, device);
  }

  @ApiOperation({ summary: 'Decline an invitation. This works for expired ones too.' })
  @Post('decline')
  @HttpCode(204)
  @Public()
  @ApiErrors(...SETTLED, 'auth.too_many_attempts')
  @ApiNoContentResponse()
  declineInvitation(
    @Param('operator') operator: string,
    @Param('token') token: string,
    @CurrentOrigin() origin: Origin,
  ): Promise<void> {
    return this.acceptance.decline(operator, token, origin);
  }
}
