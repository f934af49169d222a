import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { IdParam, ApiErrors } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { ClaimDomain, DomainQuery, DomainView } from './domain.dto.js';
import { DomainService } from './domain.service.js';

class DomainPage extends PageOf(DomainView) {}

@ApiTags('Single sign-on')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/domains')
export class DomainController {
  constructor(private readonly domains: DomainService) {}

  @ApiOperation({ summary: 'List the email domains that an organization has claimed.' })
  @Get()
  @Requires('organization', 'domains:read')
  @ApiOkResponse({ type: DomainPage })
  listDomains(@CurrentAccess() access: OrganizationAccess, @Query() query: DomainQuery): Promise<Page<DomainView>> {
    return this.domains.list(access, query);
  }

  @ApiOperation({ summary: 'Claim an email domain. The response contains the TXT record that verifies it.' })
  @Post()
  @Requires('organization', 'domains:edit')
  @ApiErrors(
    'domains.invalid',
    'domains.public_domain',
    'domains.already_claimed',
    'domains.taken',
    'domains.limit_reached',
    'members.role_above_own',
  )
  @ApiCreatedResponse({ type: DomainView })
  claimDomain(@CurrentAccess() access: OrganizationAccess, @Body() input: ClaimDomain): Promise<DomainView> {
    return this.domains.claim(access, input.domain);
  }

  @ApiOperation({ summary: 'Read a claimed domain and the TXT record that verifies it.' })
  @Get(':domainId')
  @Requires('organization', 'domains:read')
  @ApiErrors('domains.not_found')
  @ApiOkResponse({ type: DomainView })
  getDomain(@CurrentAccess() access: OrganizationAccess, @Param('domainId', IdParam) id: string): Promise<DomainView> {
    return this.domains.view(access, id);
  }

  @ApiOperation({
    summary: 'Look up the TXT record. The domain belongs to the first organization that verifies it.',
  })
  @Post(':domainId/verify')
  @HttpCode(200)
  @Requires('organization', 'domains:edit')
  @ApiErrors(
    'domains.not_found',
    'domains.record_not_found',
    'domains.dns_failed',
    'domains.taken',
    'members.role_above_own',
  )
  @ApiOkResponse({ type: DomainView })
  verifyDomain(
    @CurrentAccess() access: OrganizationAccess,
    @Param('domainId', IdParam) id: string,
  ): Promise<DomainView> {
    return this.domains.verify(access, id);
  }

  @ApiOperation({ summary: 'Release a domain. It no longer admits users, and other organizations can claim it.' })
  @Delete(':domainId')
  @HttpCode(204)
  @Requires('organization', 'domains:edit')
  @ApiErrors('domains.not_found')
  @ApiNoContentResponse()
  removeDomain(@CurrentAccess() access: OrganizationAccess, @Param('domainId', IdParam) id: string): Promise<void> {
    return this.domains.remove(access, id);
  }
}
