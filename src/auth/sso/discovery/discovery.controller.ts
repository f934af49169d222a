import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../../common/access/index.js';
import { DiscoveryQuery, DiscoveryView } from './discovery.dto.js';
import { DiscoveryService } from './discovery.service.js';

@ApiTags('Sign-in')
@Controller('t/:operator/api/v1/auth/discovery')
export class DiscoveryController {
  constructor(private readonly discovery: DiscoveryService) {}

  @ApiOperation({
    summary: 'List the sign-in methods for an address or an organization.',
    description:
      'The response depends only on the domain of the address. It does not reveal whether an account exists.',
  })
  @Get()
  @Public()
  @ApiOkResponse({ type: DiscoveryView })
  discoverSignIn(@Param('operator') operator: string, @Query() query: DiscoveryQuery): Promise<DiscoveryView> {
    return this.discovery.discover(operator, query);
  }
}
