import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { ApiErrors } from '../../../http/index.js';
import { type Page, PageOf, PageQuery } from '../../../common/pagination/index.js';
import { SavedPaymentMethodView } from './payment-method.dto.js';
import { PaymentMethodService } from './payment-method.service.js';

class SavedPaymentMethodPage extends PageOf(SavedPaymentMethodView) {}

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/organizations/:orgId/payment-methods')
export class PaymentMethodController {
  constructor(private readonly methods: PaymentMethodService) {}

  @ApiOperation({
    summary: 'List the saved payment methods, newest first.',
    description:
      'A method is saved when a top-up with `savePaymentMethod` is paid. In the sandbox, it is also saved when automatic top-up uses it.',
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
    summary: 'Remove a saved payment method, also at the provider.',
    description:
      'If automatic top-up uses the method, it is switched off and the admins and billing admins are notified.',
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
