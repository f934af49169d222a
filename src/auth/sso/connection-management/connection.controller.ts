import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IdParam, IfMatch, ApiErrors, ShowsSecret } from '../../../http/index.js';
import { type Page, PageOf } from '../../../common/pagination/index.js';
import { IntentView } from '../intents/sso-intent.dto.js';
import { ConnectionQuery, ConnectionView, CreateConnection, PatchConnection } from '../connections/connection.dto.js';
import { ConnectionService } from './connection.service.js';

class ConnectionPage extends PageOf(ConnectionView) {}

const CONTENT = [
  'auth.too_many_attempts',
  'sso.issuer_not_allowed',
  'members.role_above_own',
  'roles.not_found',
  'roles.not_assignable',
  'roles.permission_not_held',
  'units.not_found',
];

@ApiTags('Single sign-on')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/sso-connections')
export class ConnectionController {
  constructor(private readonly connections: ConnectionService) {}

  @ApiOperation({ summary: 'List the single sign-on connections of an organization by position.' })
  @Get()
  @Requires('organization', 'sso:read')
  @ApiOkResponse({ type: ConnectionPage })
  listConnections(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: ConnectionQuery,
  ): Promise<Page<ConnectionView>> {
    return this.connections.list(access, query);
  }

  @ApiOperation({
    summary:
      'Connect an identity provider. Only admins can do this, because the provider decides who signs in to which account.',
  })
  @Post()
  @Requires('organization', 'sso:edit', { freshProof: true })
  @ApiErrors('sso.limit_reached', ...CONTENT)
  @ApiCreatedResponse({ type: ConnectionView })
  createConnection(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: CreateConnection,
  ): Promise<ConnectionView> {
    return this.connections.create(access, input);
  }

  @ApiOperation({ summary: 'Get a connection. The secret is never returned.' })
  @Get(':connectionId')
  @Requires('organization', 'sso:read')
  @ApiErrors('sso.connection_not_found')
  @ApiOkResponse({ type: ConnectionView })
  getConnection(
    @CurrentAccess() access: OrganizationAccess,
    @Param('connectionId', IdParam) id: string,
  ): Promise<ConnectionView> {
    return this.connections.view(access, id);
  }

  @ApiOperation({ summary: 'Update a connection. Disabling it ends the sessions that were opened through it.' })
  @Patch(':connectionId')
  @Requires('organization', 'sso:edit', { freshProof: true })
  @ApiErrors('sso.connection_not_found', ...CONTENT)
  @ApiOkResponse({ type: ConnectionView })
  updateConnection(
    @CurrentAccess() access: OrganizationAccess,
    @Param('connectionId', IdParam) id: string,
    @Body() input: PatchConnection,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<ConnectionView> {
    return this.connections.patch(access, id, input, ifMatch);
  }

  @ApiOperation({
    summary: 'Test a connection. Starts a sign-in that creates no session, even if the connection is disabled.',
    description:
      'Open `startUrl` in a browser and sign in at the provider. The callback then shows, on a page or as JSON, the claims ' +
      'received, what they map to and the result a sign-in would have had. `lastTest` in `GET …/sso-connections/{id}` shows the same. ' +
      'A test changes nothing else.',
  })
  @Post(':connectionId/test')
  @ShowsSecret()
  @HttpCode(200)
  @Requires('organization', 'sso:edit', { freshProof: true })
  @ApiErrors(
    'sso.connection_not_found',
    'sso.provider_unreachable',
    'sso.provider_invalid',
    'sso.issuer_not_allowed',
    'sso.issuer_mismatch',
  )
  @ApiOkResponse({ type: IntentView })
  testConnection(
    @CurrentAccess() access: OrganizationAccess,
    @Param('connectionId', IdParam) id: string,
  ): Promise<IntentView> {
    return this.connections.test(access, id);
  }

  @ApiOperation({
    summary: 'Remove a connection. Sessions that were opened through it end. Users keep their accounts.',
  })
  @Delete(':connectionId')
  @HttpCode(204)
  @Requires('organization', 'sso:edit', { freshProof: true })
  @ApiErrors('sso.connection_not_found', 'members.role_above_own')
  @ApiNoContentResponse()
  deleteConnection(
    @CurrentAccess() access: OrganizationAccess,
    @Param('connectionId', IdParam) id: string,
  ): Promise<void> {
    return this.connections.delete(access, id);
  }
}
