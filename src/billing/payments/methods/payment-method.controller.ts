import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { ApiErrors } from '../../../http/index.js';
import { type Page, PageOf, PageQuery } from '../../../common/pagination/index.js';
import { SavedPaymentMethodView } from './payment-method.dto.js';
import { PaymentMethods } from './payment-method.service.js';

class SavedPaymentMethodPage extends PageOf(SavedPaymentMethodView) {}

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/organizations/:orgId/payment-methods')
export class PaymentMethodController {
  constructor(private readonly methods: PaymentMethods) {}

  @ApiOperation({
    summary: 'List the saved methods of payment, newest first.',
    description:
      'A method is saved when a top-up with `savePaymentMethod` is paid, in the sandbox also when automatic top-up names one.',
  })
  @Get()
  @Requires('organization', 'credits:readAll')
  @ApiOkResponse({ type: SavedPaymentMethodPage })
  listPaymentMethods(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: PageQuery,
  ): Promise<Page<SavedPaymentMethodView>> {
    return this.methods.list(access, query);
  }

  @ApiOperation({
    summary: 'Remove a saved method of payment, here and at the provider.',
    description: 'Automatic top-up that pays with it is switched off, of which admins and billing admins are told.',
  })
  @Delete(':paymentMethodId')
  @HttpCode(204)
  @Requires('organization', 'auto-top-up:edit')
  @ApiErrors('top_ups.payment_method_not_found', 'top_ups.provider_unavailable')
  @ApiNoContentResponse()
  deletePaymentMethod(
    @CurrentAccess() access: OrganizationAccess,
    @Param('paymentMethodId') id: string,
  ): Promise<void> {
    return this.methods.remove(access, id);
  }
}
