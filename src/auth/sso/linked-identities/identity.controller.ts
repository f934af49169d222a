import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonAccess, RequiresAccount } from '../../../common/access/index.js';
import { IdParam, ApiErrors, ShowsSecret } from '../../../http/index.js';
import { IntentView } from '../intents/sso-intent.dto.js';
import { BeginLinking, ConfirmLinking, IdentitiesView, IdentityView } from './identity.dto.js';
import { IdentityService } from './identity.service.js';

const FRESH = { freshProof: true } as const;
const USABLE = ['sso.connection_not_found', 'sso.connection_disabled', 'organizations.suspended'];

@ApiTags('Account')
@Controller('t/:operator/api/v1/account/identities')
export class IdentityController {
  constructor(private readonly identities: IdentityService) {}

  @ApiOperation({ summary: 'List your linked identities at the identity providers of organizations.' })
  @Get()
  @RequiresAccount()
  @ApiOkResponse({ type: IdentitiesView })
  async listIdentities(@CurrentAccess() access: PersonAccess): Promise<IdentitiesView> {
    return { items: await this.identities.list(access) };
  }

  @ApiOperation({
    summary: 'Start to link an identity. The provider confirms who you are.',
    description:
      'Open `startUrl` in a browser. It ends with a code, as a sign-in does. Send the code to `POST …/account/identities/confirm` in this session.',
  })
  @Post()
  @ShowsSecret()
  @HttpCode(200)
  @RequiresAccount(FRESH)
  @ApiErrors(...USABLE)
  @ApiOkResponse({ type: IntentView })
  linkIdentity(@CurrentAccess() access: PersonAccess, @Body() { connectionId }: BeginLinking): Promise<IntentView> {
    return this.identities.begin(access, connectionId);
  }

  @ApiOperation({ summary: 'Link the identity that a code represents, in the session that started the linking.' })
  @Post('confirm')
  @RequiresAccount()
  @ApiErrors('sso.invalid_code', 'sso.identity_taken', 'sso.claim_missing', 'auth.too_many_attempts', ...USABLE)
  @ApiCreatedResponse({ type: IdentityView })
  confirmIdentity(@CurrentAccess() access: PersonAccess, @Body() input: ConfirmLinking): Promise<IdentityView> {
    return this.identities.confirm(access, input);
  }

  @ApiOperation({
    summary: 'Unlink an identity. Other sessions that were opened with it end.',
    description: 'The next sign-in links an identity again if its address is in a verified domain of the organization.',
  })
  @Delete(':identityId')
  @HttpCode(204)
  @RequiresAccount(FRESH)
  @ApiErrors('sso.identity_not_found', 'sso.last_way_in')
  @ApiNoContentResponse()
  unlinkIdentity(@CurrentAccess() access: PersonAccess, @Param('identityId', IdParam) id: string): Promise<void> {
    return this.identities.remove(access, id);
  }
}
