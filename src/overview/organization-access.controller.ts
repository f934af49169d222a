import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, RequiresAnyRole } from '../common/access/index.js';
import { OrganizationAccessView } from './organization-access.dto.js';
import { OrganizationAccessService } from './organization-access.service.js';

@ApiTags('Organizations')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/access')
export class OrganizationAccessController {
  constructor(private readonly access: OrganizationAccessService) {}

  @ApiOperation({
    summary: 'Get your role and permissions in an organization and its units.',
    description: 'Open to everyone who can see the organization: members, operator staff and API keys.',
  })
  @Get()
  @RequiresAnyRole({ whileDeleted: true })
  @ApiOkResponse({ type: OrganizationAccessView })
  getOrganizationAccess(@CurrentAccess() access: OrganizationAccess): Promise<OrganizationAccessView> {
    return this.access.of(access);
  }
}
