import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonAccess, Public, RequiresAccount } from '../../../common/access/index.js';
import { ApiErrors } from '../../../http/index.js';
import { CurrentDevice } from '../sessions/device.js';
import type { Device } from '../sessions/session.service.js';
import { ApproveDeviceLogin, DeviceLoginView, StartDeviceLogin, StartedDeviceLoginView } from './device-login.dto.js';
import { DeviceLoginService } from './device-login.service.js';

const LOOKING = ['auth.device_code_not_found', 'auth.too_many_attempts'];

@ApiTags('Sign-in')
@Controller('t/:operator/api/v1/auth/device')
export class DeviceLoginController {
  constructor(private readonly logins: DeviceLoginService) {}

  @ApiOperation({
    summary: 'Begin the sign-in of a program on a machine without a browser (RFC 8628).',
    description:
      'Show `userCode` and `verificationUri` to the user, and poll `POST …/auth/token` with the grant type `device_code` every `interval` seconds.',
  })
  @Post()
  @HttpCode(200)
  @Public()
  @ApiErrors('auth.too_many_attempts')
  @ApiOkResponse({ type: StartedDeviceLoginView })
  startDeviceLogin(
    @Param('operator') operator: string,
    @Body() input: StartDeviceLogin,
    @CurrentDevice() device: Device,
  ): Promise<StartedDeviceLoginView> {
    return this.logins.start(operator, input, device);
  }
}

@ApiTags('Account')
@Controller('t/:operator/api/v1/account/device-logins/:userCode')
export class AccountDeviceLoginController {
  constructor(private readonly logins: DeviceLoginService) {}

  @ApiOperation({ summary: 'Look up a program that waits to be let in, by the code that it shows.' })
  @Get()
  @RequiresAccount()
  @ApiErrors(...LOOKING)
  @ApiOkResponse({ type: DeviceLoginView })
  getDeviceLogin(@CurrentAccess() access: PersonAccess, @Param('userCode') userCode: string): Promise<DeviceLoginView> {
    return this.logins.view(access, userCode);
  }

  @ApiOperation({
    summary: 'Let a program in. It gets a session of its own, as wide as this one.',
    description: 'The session ends like any other. It does not count as freshly proved for longer than this one.',
  })
  @Post('approve')
  @HttpCode(204)
  @RequiresAccount({ freshProof: true })
  @ApiErrors(...LOOKING)
  @ApiNoContentResponse()
  approveDeviceLogin(
    @CurrentAccess() access: PersonAccess,
    @Param('userCode') userCode: string,
    @Body() input: ApproveDeviceLogin,
  ): Promise<void> {
    return this.logins.approve(access, userCode, input);
  }

  @ApiOperation({ summary: 'Refuse a program.' })
  @Post('deny')
  @HttpCode(204)
  @RequiresAccount()
  @ApiErrors(...LOOKING)
  @ApiNoContentResponse()
  denyDeviceLogin(@CurrentAccess() access: PersonAccess, @Param('userCode') userCode: string): Promise<void> {
    return this.logins.deny(access, userCode);
  }
}
