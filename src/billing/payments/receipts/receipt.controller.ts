import { Controller, Get, Param, Query, type StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiProduces, ApiTags, getSchemaPath } from '@nestjs/swagger';
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
      'The first download gives the receipt its number and keeps seller and buyer as they are then. Refunds and lost disputes are shown ' +
      'as they are now.',
  })
  @Get(':topUpId/receipt')
  @Requires('organization', 'credits:read')
  @ApiErrors('top_ups.not_found', 'top_ups.no_receipt')
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
    @Query() { format = 'pdf' }: ReceiptQuery,
  ): Promise<ReceiptView | StreamableFile> {
    if (format === 'json') return this.receipts.view(access, id);
    const { bytes, name } = await this.receipts.pdf(access, id);
    return pdfFile(bytes, name);
  }
}
