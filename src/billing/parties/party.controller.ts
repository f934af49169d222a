import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { IfMatch } from '../../http/index.js';
import { BillingDetailsView, PutBillingDetails } from './billing-details.dto.js';
import { PartyService } from './party.service.js';
import { PutSeller, SellerView } from './seller.dto.js';

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/admin/operator/seller')
export class SellerController {
  constructor(private readonly parties: PartyService) {}

  @ApiOperation({ summary: 'Get the seller that receipts name, and the tax that prices include.' })
  @Get()
  @Requires('operator', 'top-up-packages:read')
  @ApiOkResponse({ type: SellerView })
  getSeller(@CurrentAccess() { operator }: Access): Promise<SellerView> {
    return this.parties.seller(operator.id);
  }

  @ApiOperation({ summary: 'Set the seller that receipts name. Receipts that have a number keep theirs.' })
  @Put()
  @Requires('operator', 'top-up-settings:edit')
  @ApiOkResponse({ type: SellerView })
  setSeller(
    @CurrentAccess() access: Access,
    @Body() input: PutSeller,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<SellerView> {
    return this.parties.putSeller(access, input, ifMatch);
  }
}

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/organizations/:orgId/billing-details')
export class BillingDetailsController {
  constructor(private readonly parties: PartyService) {}

  @ApiOperation({ summary: 'Get the name, address and tax id that receipts name as the buyer.' })
  @Get()
  @Requires('organization', 'credits:readAll')
  @ApiOkResponse({ type: BillingDetailsView })
  getBillingDetails(@CurrentAccess() { organizationId }: OrganizationAccess): Promise<BillingDetailsView> {
    return this.parties.billingDetails(organizationId);
  }

  @ApiOperation({ summary: 'Set the buyer that receipts name. Receipts that have a number keep theirs.' })
  @Put()
  @Requires('organization', 'auto-top-up:edit')
  @ApiOkResponse({ type: BillingDetailsView })
  setBillingDetails(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: PutBillingDetails,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BillingDetailsView> {
    return this.parties.putBillingDetails(access, input, ifMatch);
  }
}
