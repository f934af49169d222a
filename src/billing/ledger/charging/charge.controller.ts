import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { ApiErrors, IdParam, OwnIdempotency, Unlimited } from '../../../http/index.js';
import {
  ChargeBatchInput,
  ChargeBatchView,
  ChargeDetailView,
  ChargeInput,
  ChargePreview,
  ChargeView,
} from './charge.dto.js';
import { ChargeService } from './charge.service.js';
import { isDryRun, TakesDryRun } from './dry-run.js';
import { OptionalIdempotencyKey } from '../idempotency-key.js';
import { MovesCredits } from '../moves-credits.js';
import { replyWith } from '../reply.js';

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/credits/charges')
export class ChargeController {
  constructor(private readonly charges: ChargeService) {}

  @ApiOperation({ summary: 'Charge credits for usage. The whole amount is charged, or nothing.' })
  @Post()
  @Requires('organization', 'charges:create', { cached: true })
  @Unlimited()
  @TakesDryRun(ChargePreview)
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
    return replyWith(reply, await this.charges.charge(access, body, key, isDryRun(dryRun)));
  }

  @ApiOperation({ summary: 'Get a charge, or the capture of a hold, with what was refunded of it.' })
  @Get(':chargeId')
  @Requires('organization', 'credits:read')
  @ApiErrors('billing.charge_not_found')
  @ApiOkResponse({ type: ChargeDetailView })
  getCharge(
    @CurrentAccess() access: OrganizationAccess,
    @Param('chargeId', IdParam) chargeId: string,
  ): Promise<ChargeDetailView> {
    return this.charges.view(access, chargeId);
  }

  @ApiOperation({ summary: 'Create up to 1,000 charges, each with its own key and result.' })
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
