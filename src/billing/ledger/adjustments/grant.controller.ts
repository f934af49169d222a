import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { type Page, PageOf } from '../../../common/pagination/index.js';
import { IdParam } from '../../../http/index.js';
import { IdempotencyKey } from '../idempotency-key.js';
import { MovesCredits } from '../moves-credits.js';
import { replyWith } from '../reply.js';
import { APPROVAL } from './adjustment.controller.js';
import { AdjustmentView } from './adjustment.dto.js';
import { AdjustmentService } from './adjustment.service.js';
import { GrantedLotView, GrantInput, GrantQuery, GrantView, VoidedGrantView, VoidGrantInput } from './grant.dto.js';

class GrantPage extends PageOf(GrantedLotView) {}

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/credits')
export class GrantController {
  constructor(private readonly adjustments: AdjustmentService) {}

  @ApiOperation({
    summary: 'List scheduled grants, then granted and bought credits, newest first, with what is left of each.',
  })
  @Get('grants')
  @Requires('organization', 'credits:readAll')
  @ApiOkResponse({ type: GrantPage })
  listGrants(
    @CurrentAccess() { organizationId }: OrganizationAccess,
    @Query() query: GrantQuery,
  ): Promise<Page<GrantedLotView>> {
    return this.adjustments.listGrants(organizationId, query);
  }

  @ApiOperation({ summary: 'Grant credits as a new lot, at once or at a later time.', description: APPROVAL })
  @Post('grants')
  @Requires('operator', 'credits:grant')
  @MovesCredits('billing.balance_too_large', 'billing.scheduled_grant_limit_reached')
  @ApiCreatedResponse({ type: GrantView })
  @ApiAcceptedResponse({
    type: AdjustmentView,
    description: 'The grant waits for the approval of a second person, or for its time.',
  })
  async grantCredits(
    @CurrentAccess() access: OrganizationAccess,
    @IdempotencyKey() key: string,
    @Body() input: GrantInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return replyWith(reply, await this.adjustments.grant(access, key, input));
  }

  @ApiOperation({
    summary: 'Take back what is left of granted credits.',
    description: 'Credits that holds keep stay theirs. Bought credits are taken back by refunding their top-up.',
  })
  @Post('grants/:lotId/void')
  @Requires('operator', 'credits:grant')
  @MovesCredits('billing.grant_not_found', 'billing.grant_was_paid', 'billing.grant_is_used')
  @ApiCreatedResponse({ type: VoidedGrantView })
  async voidGrant(
    @CurrentAccess() access: OrganizationAccess,
    @Param('lotId', IdParam) lotId: string,
    @IdempotencyKey() key: string,
    @Body() input: VoidGrantInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return replyWith(reply, await this.adjustments.voidGrant(access, lotId, key, input.reason));
  }
}
