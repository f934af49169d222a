import { Body, Controller, Delete, Get, HttpCode, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonAccess, RequiresAccount } from '../common/access/index.js';
import { ApiErrors } from '../http/index.js';
import { AccountExportService } from './account-export.service.js';
import { ErasureService } from './erasure.service.js';
import { PasswordChangeService } from './password-change.service.js';
import { ChangePassword } from './people.dto.js';

@ApiTags('Account')
@Controller('t/:operator/api/v1/account')
export class OwnAccountController {
  constructor(
    private readonly passwords: PasswordChangeService,
    private readonly exports: AccountExportService,
    private readonly erasure: ErasureService,
  ) {}

  @ApiOperation({ summary: 'Change your password. Ends all other sessions.' })
  @Put('password')
  @HttpCode(204)
  @RequiresAccount({ freshProof: true })
  @ApiErrors(
    'auth.wrong_password',
    'auth.password_too_short',
    'auth.password_too_weak',
    'auth.password_too_common',
    'auth.too_many_attempts',
    'auth.busy',
  )
  @ApiNoContentResponse()
  changePassword(@CurrentAccess() access: PersonAccess, @Body() input: ChangePassword): Promise<void> {
    return this.passwords.change(access, input);
  }

  @ApiOperation({
    summary: 'Export everything that is stored about you.',
    description: 'Lists at most the newest 10 000 events in which you acted or which are about you.',
  })
  @Get('export')
  @RequiresAccount({ freshProof: true })
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  exportAccount(@CurrentAccess() access: PersonAccess): Promise<object> {
    return this.exports.export(access);
  }

  @ApiOperation({ summary: 'Delete your account and its personal data. Cannot be undone.' })
  @Delete()
  @HttpCode(204)
  @RequiresAccount({ freshProof: true })
  @ApiErrors('users.last_admin')
  @ApiNoContentResponse()
  deleteAccount(@CurrentAccess() access: PersonAccess): Promise<void> {
    return this.erasure.eraseSelf(access);
  }
}
