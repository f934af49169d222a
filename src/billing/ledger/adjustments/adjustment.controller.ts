import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IdParam, ApiErrors } from '../../../http/index.js';
import { type Page, PageOf } from '../../../common/pagination/index.js';
import { IdempotencyKey } from '../idempotency-key.js';
import { MovesCredits } from '../moves-credits.js';
import { replyWith } from '../reply.js';
import { AdjustmentInput, AdjustmentQuery, AdjustmentView, OverdraftInput, OverdraftView } from './adjustment.dto.js';
import { AdjustmentService, type ApproverAccess } from './adjustment.service.js';
import { ScheduledGrantService } from './scheduled-grant.service.js';

export const APPROVAL =
  'Above ADJUSTMENT_LIMIT, in one request or in all requests of one person and day that create credits, a second person must approve ' +
  '(202). While only one member of staff may approve, it is done at once, and an event and a mail report it.';

class AdjustmentPage extends PageOf(AdjustmentView) {}

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/credits')
export class AdjustmentController {
  constructor(
    private readonly adjustments: AdjustmentService,
    private readonly scheduled: ScheduledGrantService,
  ) {}

  @ApiOperation({
    summary: 'Adjust a balance. Amounts above ADJUSTMENT_LIMIT need the approval of a second person (202).',
    description: APPROVAL,
  })
  @Post('adjustments')
  @Requires('operator', 'credits:adjust')
  @MovesCredits('billing.insufficient_credits', 'billing.balance_too_large')
  @ApiCreatedResponse({ type: AdjustmentView })
  @ApiAcceptedResponse({
    type: AdjustmentView,
    description: 'The adjustment waits for the approval of a second person.',
  })
  async createAdjustment(
    @CurrentAccess() access: OrganizationAccess,
    @IdempotencyKey() key: string,
    @Body() input: AdjustmentInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return replyWith(reply, await this.adjustments.request(access, key, input));
  }

  @ApiOperation({ summary: 'List adjustments that needed or need a second person, and scheduled grants.' })
  @Get('adjustments')
  @Requires('operator', 'credits:readAdjustments')
  @ApiOkResponse({ type: AdjustmentPage })
  listAdjustments(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: AdjustmentQuery,
  ): Promise<Page<AdjustmentView>> {
    return this.adjustments.list(access, query);
  }

  @ApiOperation({ summary: 'Approve an adjustment that another person requested, and apply it.' })
  @Post('adjustments/:adjustmentId/approve')
  @Requires('operator', 'credits:adjust', { personOnly: true })
  @MovesCredits(
    'billing.adjustment_not_found',
    'billing.adjustment_decided',
    'billing.second_person_needed',
    'billing.insufficient_credits',
    'billing.balance_too_large',
    'billing.scheduled_grant_limit_reached',
  )
  @ApiCreatedResponse({ type: AdjustmentView })
  async approveAdjustment(
    @CurrentAccess() access: ApproverAccess,
    @Param('adjustmentId', IdParam) id: string,
    @IdempotencyKey() key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return replyWith(reply, await this.adjustments.approve(access, id, key));
  }

  @ApiOperation({ summary: 'Decline an adjustment that another person requested.' })
  @Post('adjustments/:adjustmentId/decline')
  @HttpCode(200)
  @Requires('operator', 'credits:adjust', { personOnly: true })
  @ApiErrors('billing.adjustment_not_found', 'billing.adjustment_decided', 'billing.second_person_needed')
  @ApiOkResponse({ type: AdjustmentView })
  declineAdjustment(
    @CurrentAccess() access: ApproverAccess,
    @Param('adjustmentId', IdParam) id: string,
  ): Promise<AdjustmentView> {
    return this.adjustments.decline(access, id);
  }

  @ApiOperation({ summary: 'Cancel a grant whose time has not come.' })
  @Post('adjustments/:adjustmentId/cancel')
  @HttpCode(200)
  @Requires('operator', 'credits:grant')
  @ApiErrors('billing.adjustment_not_found', 'billing.grant_not_scheduled')
  @ApiOkResponse({ type: AdjustmentView })
  cancelGrant(
    @CurrentAccess() access: OrganizationAccess,
    @Param('adjustmentId', IdParam) id: string,
  ): Promise<AdjustmentView> {
    return this.scheduled.cancel(access, id);
  }

  @ApiOperation({
    summary: 'Set the overdraft limit of an organization.',
    description: APPROVAL,
  })
  @Put('overdraft')
  @Requires('operator', 'credits:setOverdraft')
  @ApiErrors('billing.overdraft_in_use')
  @ApiOkResponse({ type: OverdraftView })
  @ApiAcceptedResponse({ type: AdjustmentView, description: 'The limit waits for the approval of a second person.' })
  async setOverdraft(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: OverdraftInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OverdraftView | AdjustmentView> {
    const result = await this.adjustments.setOverdraft(access, input);
    if ('id' in result) void reply.status(202);
    return result;
  }
}
