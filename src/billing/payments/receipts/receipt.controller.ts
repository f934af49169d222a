import { Controller, Get, Param, Post, Query, type StreamableFile } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { ApiErrors, IdParam, pdfFile } from '../../../http/index.js';
import { ReceiptQuery, ReceiptView } from './receipt.dto.js';
import { ReceiptService } from './receipt.service.js';

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/organizations/:orgId/top-ups')
export class ReceiptController {
  constructor(private readonly receipts: ReceiptService) {}

  @ApiOperation({
    summary: 'Download the receipt of a paid top-up.',
    description:
      'The receipt has seller and buyer as they were when the payment was booked. Refunds and lost disputes are shown as they are now.',
  })
  @Get(':topUpId/receipt')
  @Requires('organization', 'credits:read')
  @ApiErrors('top_ups.not_found', 'top_ups.no_receipt', 'top_ups.receipt_not_found')
  @ApiProduces('application/pdf', 'application/json')
  @ApiExtraModels(ReceiptView)
  @ApiOkResponse({
    content: {
      'application/pdf': { schema: { type: 'string', format: 'binary' } },
      'application/json': { schema: { $ref: getSchemaPath(ReceiptView) } },
    },
  })
  async getReceipt(
    @CurrentAccess() access: OrganizationAccess,
    @Param('topUpId', IdParam) id: string,
    @Query() { format = 'pdf', number }: ReceiptQuery,
  ): Promise<ReceiptView | StreamableFile> {
    if (format === 'json') return this.receipts.view(access, id, number);
    const { bytes, name } = await this.receipts.pdf(access, id, number);
    return pdfFile(bytes, name);
  }

  @ApiOperation({
    summary: 'Issue a receipt that replaces the last one, after the billing details were changed.',
    description:
      'It has a number of its own and names the one that it replaces. Seller and tax stay as they were, unless no seller was set.',
  })
  @Post(':topUpId/receipt/corrections')
  @Requires('organization', 'auto-top-up:edit')
  @ApiErrors(
    'top_ups.not_found',
    'top_ups.no_receipt',
    'top_ups.receipt_unchanged',
    'top_ups.receipt_correction_limit_reached',
  )
  @ApiCreatedResponse({ type: ReceiptView })
  correctReceipt(
    @CurrentAccess() access: OrganizationAccess,
    @Param('topUpId', IdParam) id: string,
  ): Promise<ReceiptView> {
    return this.receipts.correct(access, id);
  }
}
