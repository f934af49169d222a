import { Controller, Delete, HttpCode, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonAccess, Requires } from '../../../common/access/index.js';
import { IdParam, ApiErrors } from '../../../http/index.js';
import { FactorResetService } from './factor-reset.service.js';

@ApiTags('Users')
@Controller('t/:operator/api/v1/admin/users/:userId/mfa')
export class FactorResetController {
  constructor(private readonly reset: FactorResetService) {}

  @ApiOperation({
    summary:
      "Remove all second factors of a user who lost them: authenticator app, passkeys, recovery codes. Ends the user's sessions and notifies them by email.",
  })
  @Delete()
  @HttpCode(204)
  @Requires('operator', 'users:resetFactors', { freshProof: true })
  @ApiErrors('users.not_found', 'auth.mfa_not_enrolled', 'members.role_above_own')
  @ApiNoContentResponse()
  resetFactors(@CurrentAccess() access: PersonAccess, @Param('userId', IdParam) userId: string): Promise<void> {
    return this.reset.reset(access, userId);
  }
}
