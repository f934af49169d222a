import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, Requires } from '../../../common/access/index.js';
import { IdParam, IfMatch, ApiErrors, ShowsSecret } from '../../../http/index.js';
import { type Page, PageOf } from '../../../common/pagination/index.js';
import {
  ClientQuery,
  ClientSecretView,
  ClientView,
  CreateClient,
  PatchClient,
  RotateClientSecret,
} from './client.dto.js';
import { ClientService } from './client.service.js';

class ClientPage extends PageOf(ClientView) {}

@ApiTags('Clients')
@Controller('t/:operator/api/v1/admin/clients')
export class ClientController {
  constructor(private readonly clients: ClientService) {}

  @ApiOperation({ summary: 'List the services for which this operator can issue tokens.' })
  @Get()
  @Requires('operator', 'clients:read')
  @ApiOkResponse({ type: ClientPage })
  listClients(@CurrentAccess() access: Access, @Query() query: ClientQuery): Promise<Page<ClientView>> {
    return this.clients.list(access, query);
  }

  @ApiOperation({
    summary: 'Register a service that reads tokens. Its secret is shown only in this response.',
    description:
      'Tokens for the service carry its `audience`. No other service accepts them, Trellis included. With its id and secret the service asks ' +
      '`POST …/auth/introspect` whether a token is still valid.',
  })
  @Post()
  @ShowsSecret()
  @Requires('operator', 'clients:edit', { freshProof: true })
  @ApiErrors('clients.audience_taken', 'clients.limit_reached')
  @ApiCreatedResponse({ type: ClientSecretView })
  createClient(@CurrentAccess() access: Access, @Body() input: CreateClient): Promise<ClientSecretView> {
    return this.clients.create(access, input);
  }

  @ApiOperation({ summary: 'Get a client. The secret is never returned.' })
  @Get(':clientId')
  @Requires('operator', 'clients:read')
  @ApiErrors('clients.not_found')
  @ApiOkResponse({ type: ClientView })
  getClient(@CurrentAccess() access: Access, @Param('clientId', IdParam) id: string): Promise<ClientView> {
    return this.clients.view(access, id);
  }

  @ApiOperation({ summary: 'Rename a client. Its audience cannot be changed.' })
  @Patch(':clientId')
  @Requires('operator', 'clients:edit')
  @ApiErrors('clients.not_found')
  @ApiOkResponse({ type: ClientView })
  updateClient(
    @CurrentAccess() access: Access,
    @Param('clientId', IdParam) id: string,
    @Body() input: PatchClient,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<ClientView> {
    return this.clients.patch(access, id, input, ifMatch);
  }

  @ApiOperation({
    summary: 'Rotate the secret of a client. The new secret is shown only in this response.',
    description:
      'The previous secret stays valid for another hour, or for `graceSeconds` (0 ends it at once). Older secrets are no longer valid.',
  })
  @Post(':clientId/rotate-secret')
  @ShowsSecret()
  @HttpCode(200)
  @Requires('operator', 'clients:edit', { freshProof: true })
  @ApiErrors('clients.not_found')
  @ApiOkResponse({ type: ClientSecretView })
  rotateClientSecret(
    @CurrentAccess() access: Access,
    @Param('clientId', IdParam) id: string,
    @Body() { graceSeconds }: RotateClientSecret,
  ): Promise<ClientSecretView> {
    return this.clients.rotate(access, id, graceSeconds);
  }

  @ApiOperation({
    summary: 'Remove a client. No more tokens are issued for it.',
    description: 'Services that check only the signature accept issued tokens until they expire.',
  })
  @Delete(':clientId')
  @HttpCode(204)
  @Requires('operator', 'clients:edit')
  @ApiErrors('clients.not_found')
  @ApiNoContentResponse()
  deleteClient(@CurrentAccess() access: Access, @Param('clientId', IdParam) id: string): Promise<void> {
    return this.clients.delete(access, id);
  }
}
