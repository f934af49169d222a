import { Body, Controller, Param, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IdParam } from '../../../http/index.js';
import { toMicro } from '../../../common/money/index.js';
import { hashOf, IdempotencyKey } from '../idempotency-key.js';
import { MovesCredits } from '../moves-credits.js';
import { LedgerService } from '../ledger.service.js';
import { replyWith } from '../reply.js';
import { callerOf } from './usage-of.js';
import { RefundInput, RefundView } from './refund.dto.js';

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/credits/charges/:chargeId/refunds')
export class RefundController {
  constructor(private readonly ledger: LedgerService) {}

  @ApiOperation({ summary: 'Refund part or all of a charge to the lots it was taken from.' })
  @Post()
  @Requires('organization', 'charges:refund')
  @MovesCredits('billing.charge_not_found', 'billing.refund_exceeds_charge')
  @ApiCreatedResponse({ type: RefundView })
  async refundCharge(
    @CurrentAccess() access: OrganizationAccess,
    @Param('chargeId', IdParam) chargeId: string,
    @IdempotencyKey() key: string,
    @Body() input: RefundInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { organizationId, actor } = access;
    const amount = input.amount === undefined ? null : toMicro(input.amount);
    const reason = input.reason ?? null;
    const hash = hashOf('refund', chargeId, amount, reason);
    const result = await this.ledger.executeWithEvent(
      organizationId,
      { type: 'refund', chargeId, amount, reason, key, hash, ...callerOf(access) },
      (body) => ({
        type: 'credits.refunded',
        actor,
        subject: { type: 'entry', id: String(body.id) },
        after: { chargeId, amount: body.amount, reason },
      }),
    );
    return replyWith(reply, result);
  }
}
