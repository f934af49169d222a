import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IdParam, OwnIdempotency, ApiErrors, Unlimited } from '../../../http/index.js';
import { type Page, PageOf } from '../../../common/pagination/index.js';
import { isDryRun, TakesDryRun } from '../charging/dry-run.js';
import { IdempotencyKey, KEY_HEADER, OptionalIdempotencyKey } from '../idempotency-key.js';
import { MovesCredits } from '../moves-credits.js';
import { replyWith } from '../reply.js';
import {
  CaptureInput,
  CaptureView,
  ChangedHoldView,
  ExtendInput,
  HoldInput,
  HoldPreview,
  HoldQuery,
  HoldView,
} from './hold.dto.js';
import { HoldService } from './hold.service.js';

class HoldPage extends PageOf(HoldView) {}

const ORGANIZATION = 't/:operator/api/v1/organizations/:orgId';

@ApiTags('Credits')
@Controller([`${ORGANIZATION}/credits/holds`, `${ORGANIZATION}/holds`])
export class HoldController {
  constructor(private readonly holds: HoldService) {}

  @ApiOperation({ summary: 'Hold credits for upcoming usage.' })
  @Post()
  @Requires('organization', 'charges:create', { cached: true })
  @Unlimited()
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
  @TakesDryRun(HoldPreview)
  @ApiBody({ type: HoldInput })
  @ApiCreatedResponse({ type: ChangedHoldView })
  async createHold(
    @CurrentAccess() access: OrganizationAccess,
    @OptionalIdempotencyKey() key: string | null,
    @Body() body: unknown,
    @Query('dryRun') dryRun: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return replyWith(reply, await this.holds.create(access, body, key, isDryRun(dryRun)));
  }

  @ApiOperation({ summary: 'List holds, newest first. Managers see all holds, users only their own.' })
  @Get()
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: HoldPage })
  listHolds(@CurrentAccess() access: OrganizationAccess, @Query() query: HoldQuery): Promise<Page<HoldView>> {
    return this.holds.list(access, query);
  }

  @ApiOperation({ summary: 'Read a hold.' })
  @Get(':holdId')
  @Requires('organization', 'credits:read')
  @ApiErrors('billing.hold_not_found')
  @ApiOkResponse({ type: HoldView })
  getHold(@CurrentAccess() access: OrganizationAccess, @Param('holdId', IdParam) holdId: string): Promise<object> {
    return this.holds.view(access, holdId);
  }

  @ApiOperation({ summary: 'Charge part or all of a hold and release the rest.' })
  @Post(':holdId/capture')
  @HttpCode(200)
  @Requires('organization', 'charges:create', { cached: true })
  @Unlimited()
  @MovesCredits(
    'billing.hold_not_found',
    'billing.hold_resolved',
    'billing.capture_exceeds_hold',
    'billing.insufficient_credits',
    'billing.limit_exceeded',
    'billing.busy',
  )
  @ApiOkResponse({ type: CaptureView })
  async captureHold(
    @CurrentAccess() access: OrganizationAccess,
    @Param('holdId', IdParam) holdId: string,
    @IdempotencyKey() key: string,
    @Body() input: CaptureInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return replyWith(reply, await this.holds.capture(access, holdId, input, key));
  }

  @ApiOperation({ summary: 'Release a hold without charging it.' })
  @Post(':holdId/void')
  @HttpCode(200)
  @Requires('organization', 'charges:create', { cached: true })
  @Unlimited()
  @MovesCredits('billing.hold_not_found', 'billing.hold_resolved', 'billing.busy')
  @ApiOkResponse({ type: ChangedHoldView })
  async voidHold(
    @CurrentAccess() access: OrganizationAccess,
    @Param('holdId', IdParam) holdId: string,
    @IdempotencyKey() key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return replyWith(reply, await this.holds.void(access, holdId, key));
  }

  @ApiOperation({ summary: 'Extend a hold.' })
  @Post(':holdId/extend')
  @HttpCode(200)
  @Requires('organization', 'charges:create', { cached: true })
  @Unlimited()
  @OwnIdempotency()
  @ApiHeader({ ...KEY_HEADER, required: false })
  @ApiErrors(
    'billing.hold_not_found',
    'billing.hold_resolved',
    'billing.idempotency_key_invalid',
    'billing.idempotency_mismatch',
    'billing.busy',
  )
  @ApiOkResponse({ type: ChangedHoldView })
  async extendHold(
    @CurrentAccess() access: OrganizationAccess,
    @Param('holdId', IdParam) holdId: string,
    @OptionalIdempotencyKey() key: string | null,
    @Body() input: ExtendInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return replyWith(reply, await this.holds.extend(access, holdId, input, key));
  }
}
