import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../common/access/index.js';
import { OrganizationOverviewView } from './organization-overview.dto.js';
import { OrganizationOverviewService } from './organization-overview.service.js';

@ApiTags('Organizations')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/overview')
export class OrganizationOverviewController {
  constructor(private readonly overview: OrganizationOverviewService) {}

  @ApiOperation({
    summary: 'Sum up an organization: what needs attention, counts, credits and recent activity.',
    description: 'Contains only what the caller could also read elsewhere.',
  })
  @Get()
  @Requires('organization', 'organization:read', { whileDeleted: true })
  @ApiOkResponse({ type: OrganizationOverviewView })
  getOrganizationOverview(@CurrentAccess() access: OrganizationAccess): Promise<OrganizationOverviewView> {
    return this.overview.of(access);
  }
}
