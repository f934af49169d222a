import { Body, Controller, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { OwnIdempotency, ApiErrors, Unlimited } from '../../../http/index.js';
import { ChargeBatchInput, ChargeBatchView, ChargeInput, ChargeView } from './charge.dto.js';
import { ChargeService } from './charge.service.js';
import { isDryRun } from './dry-run.js';
import { checkKey, OptionalIdempotencyKey } from '../idempotency-key.js';
import { MovesCredits } from '../moves-credits.js';
import { replyWith } from '../reply.js';

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/credits/charges')
export class ChargeController {
  constructor(private readonly charges: ChargeService) {}

  @ApiOperation({ summary: 'Charge usage: all of it or nothing.' })
  @Post()
  @Requires('organization', 'charges:create', { cached: true })
  @Unlimited()
  @ApiQuery({ name: 'dryRun', required: false, type: Boolean, description: 'Only tells what would happen.' })
  @ApiBody({ type: ChargeInput })
  @MovesCredits(
    'billing.insufficient_credits',
    'billing.limit_exceeded',
    'billing.member_not_allowed',
    'billing.unit_required',
    'billing.frozen',
    'billing.busy',
    'units.not_found',
    'units.suspended',
    'units.pending_deletion',
    'members.not_found',
  )
  @ApiCreatedResponse({ type: ChargeView })
  async createCharge(
    @CurrentAccess() access: OrganizationAccess,
    @OptionalIdempotencyKey() key: string | null,
    @Body() body: unknown,
    @Query('dryRun') dryRun: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    if (isDryRun(dryRun)) {
      return replyWith(reply, await this.charges.preview(access, this.charges.command(access, body, null)));
    }
    const command = this.charges.command(access, body, checkKey(key ?? undefined));
    return replyWith(reply, await this.charges.execute(access, command));
  }

  @ApiOperation({ summary: 'Charge up to 1 000 times, each with its own key and its own outcome.' })
  @Post('batch')
  @HttpCode(200)
  @Requires('organization', 'charges:create', { cached: true })
  @Unlimited()
  @OwnIdempotency()
  @ApiBody({ type: ChargeBatchInput })
  @ApiErrors('billing.busy')
  @ApiOkResponse({ type: ChargeBatchView })
  async createChargeBatch(@CurrentAccess() access: OrganizationAccess, @Body() body: unknown): Promise<object> {
    return { results: await this.charges.executeBatch(access, body) };
  }
}
