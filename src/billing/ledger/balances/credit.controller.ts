import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { ApiErrors } from '../../../http/index.js';
import { CreditsView, ProofView } from './credit.dto.js';
import { CreditService } from './credit.service.js';

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/credits')
export class CreditController {
  constructor(private readonly credits: CreditService) {}

  @ApiOperation({ summary: 'Get the credits of an organization: balances, lots and how long they will last.' })
  @Get()
  @Requires('organization', 'credits:read', { cached: true })
  @ApiOkResponse({ type: CreditsView })
  getCredits(@CurrentAccess() access: OrganizationAccess): Promise<CreditsView> {
    return this.credits.viewWithScheduled(access.organizationId);
  }

  @ApiOperation({ summary: 'Verify the ledger: check every rule against all entries.' })
  @Get('proof')
  @Requires('organization', 'credits:readAll')
  @ApiErrors('billing.proof_takes_long')
  @ApiOkResponse({ type: ProofView })
  proveCredits(@CurrentAccess() access: OrganizationAccess): Promise<ProofView> {
    return this.credits.proof(access.organizationId);
  }
}
