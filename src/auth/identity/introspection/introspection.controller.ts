import { Body, Controller, Header, Headers, HttpCode, Ip, Param, Post } from '@nestjs/common';
import { ApiBasicAuth, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../../common/access/index.js';
import { AcceptsLargeForm, ApiErrors, Unlimited } from '../../../http/index.js';
import { credentialsOf } from './client-credentials.js';
import { Introspect, IntrospectionView } from './introspection.dto.js';
import { IntrospectionService } from './introspection.service.js';

@ApiTags('Clients')
@Controller('t/:operator/api/v1/auth/introspect')
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionService) {}

  @ApiOperation({
    operationId: 'introspectToken',
    summary: 'Check as a client whether a token is still valid (RFC 7662).',
    description:
      'The client authenticates with its id and secret by HTTP Basic, or with `client_id` and `client_secret`. Tokens that are for another audience or ' +
      'operator, have expired or were ended, or belong to a suspended or deleted organization answer `{"active": false}`. ' +
      'Roles, permissions and units are the current ones.',
  })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiBasicAuth()
  @Post()
  @HttpCode(200)
  @Public()
  @AcceptsLargeForm()
  @Unlimited()
  @Header('cache-control', 'no-store')
  @ApiErrors('auth.invalid_client', 'rate_limited')
  @ApiOkResponse({ type: IntrospectionView })
  introspect(
    @Param('operator') operator: string,
    @Body() input: Introspect,
    @Headers('authorization') authorization: string | undefined,
    @Ip() ip: string,
  ): Promise<IntrospectionView> {
    return this.introspection.introspect(operator, credentialsOf(authorization, input), input.token, ip);
  }
}
