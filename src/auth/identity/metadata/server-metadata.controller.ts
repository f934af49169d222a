import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { OperatorService } from '../../../operators/index.js';
import { operatorOf } from '../../access/index.js';
import { type OpenIdConfigurationView, ServerMetadataView } from './server-metadata.dto.js';
import { openIdConfiguration, serverMetadata } from './server-metadata.js';

const CACHE = 'public, max-age=300';

/** Serves the metadata from which services that know only the issuer find the keys. */
@ApiTags('Clients')
@Controller('.well-known')
export class ServerMetadataController {
  constructor(
    private readonly config: Config,
    private readonly operators: OperatorService,
  ) {}

  @ApiOperation({ summary: 'Get the metadata of the issuer of access tokens (RFC 8414).' })
  @Get('oauth-authorization-server')
  @Public()
  @Header('cache-control', CACHE)
  @ApiOkResponse({ type: ServerMetadataView })
  getServerMetadata(): ServerMetadataView {
    return serverMetadata(this.config.baseUrl);
  }

  @ApiOperation({
    summary: 'Get the same metadata at the path of OpenID Connect Discovery. Trellis issues no ID tokens.',
  })
  @Get('openid-configuration')
  @Public()
  @Header('cache-control', CACHE)
  @ApiOkResponse({ type: ServerMetadataView })
  getOpenIdConfiguration(): OpenIdConfigurationView {
    return openIdConfiguration(this.config.baseUrl);
  }

  /** RFC 8414, 3.1 puts the well-known part before the path of the issuer. */
  @ApiExcludeEndpoint()
  @Get('oauth-authorization-server/t/:operator')
  @Public()
  @Header('cache-control', CACHE)
  async getOperatorMetadataByInsertion(@Param('operator') operator: string): Promise<ServerMetadataView> {
    return serverMetadata(this.config.baseUrl, (await operatorOf(this.operators, operator)).slug);
  }
}

@ApiTags('Clients')
@Controller('t/:operator/.well-known')
export class OperatorMetadataController {
  constructor(
    private readonly config: Config,
    private readonly operators: OperatorService,
  ) {}

  @ApiOperation({ summary: 'Get the metadata with the endpoints of an operator (RFC 8414).' })
  @Get('oauth-authorization-server')
  @Public()
  @Header('cache-control', CACHE)
  @ApiOkResponse({ type: ServerMetadataView })
  async getOperatorMetadata(@Param('operator') operator: string): Promise<ServerMetadataView> {
    return serverMetadata(this.config.baseUrl, (await operatorOf(this.operators, operator)).slug);
  }

  @ApiOperation({ summary: 'Get the same metadata at the path of OpenID Connect Discovery.' })
  @Get('openid-configuration')
  @Public()
  @Header('cache-control', CACHE)
  @ApiOkResponse({ type: ServerMetadataView })
  async getOperatorOpenIdConfiguration(@Param('operator') operator: string): Promise<OpenIdConfigurationView> {
    return openIdConfiguration(this.config.baseUrl, (await operatorOf(this.operators, operator)).slug);
  }
}
