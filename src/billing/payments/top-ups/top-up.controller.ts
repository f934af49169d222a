import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IdParam, ApiErrors, OwnIdempotency } from '../../../http/index.js';
import { type Page, PageOf } from '../../../common/pagination/index.js';
import { KEY_HEADER, OptionalIdempotencyKey } from '../../ledger/index.js';
import { CloseReview, ConfirmTransfer, CreateTopUp, RefundTransfer, TopUpQuery, TopUpView } from './top-up.dto.js';
import { TopUpService } from './top-up.service.js';

class TopUpPage extends PageOf(TopUpView) {}

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/organizations/:orgId/top-ups')
export class TopUpController {
  constructor(private readonly topUps: TopUpService) {}

  @ApiOperation({
    summary: 'Buy credits. The response says where to pay, and the credits are granted once the top-up is paid.',
    description:
      'Requests with the same Idempotency-Key create one top-up. If the provider did not respond, repeating the request opens its checkout.',
  })
  @Post()
  @Requires('organization', 'top-ups:create')
  @OwnIdempotency()
  @ApiHeader({ ...KEY_HEADER, required: false })
  @ApiErrors(
    'top_ups.package_not_found',
    'top_ups.return_url_not_allowed',
    'top_ups.amount_too_large',
    'top_ups.amount_too_small',
    'top_ups.key_mismatch',
    'top_ups.no_provider',
    'top_ups.provider_not_offered',
    'top_ups.provider_unavailable',
    'top_ups.provider_refused',
    'billing.idempotency_key_invalid',
  )
  @ApiCreatedResponse({ type: TopUpView })
  async createTopUp(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: CreateTopUp,
    @OptionalIdempotencyKey() key: string | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TopUpView> {
    const { view, replayed } = await this.topUps.create(access, input, key);
    if (replayed) void reply.header('idempotent-replayed', 'true');
    return view;
  }

  @ApiOperation({ summary: 'List the top-ups of an organization, newest first.' })
  @Get()
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: TopUpPage })
  listTopUps(@CurrentAccess() access: OrganizationAccess, @Query() query: TopUpQuery): Promise<Page<TopUpView>> {
    return this.topUps.list(access, query);
  }

  @ApiOperation({
    summary: 'Confirm that a bank transfer has arrived and grant its credits, in proportion if another amount arrived.',
  })
  @Post(':topUpId/confirmation')
  @Requires('operator', 'top-ups:confirm')
  @ApiErrors('top_ups.not_found', 'top_ups.not_confirmable', 'top_ups.confirmation_too_large')
  @ApiCreatedResponse({ type: TopUpView })
  confirmTopUp(
    @CurrentAccess() access: OrganizationAccess,
    @Param('topUpId', IdParam) id: string,
    @Body() { amountMinor }: ConfirmTransfer,
  ): Promise<TopUpView> {
    return this.topUps.confirm(access, id, amountMinor);
  }

  @ApiOperation({
    summary: 'Cancel a bank transfer that will not be made.',
    description:
      'For the member who asked for it, and for those who see all credits. It ends as `failed` with the reason `cancelled`. If the money ' +
      'arrives all the same, staff can still confirm it.',
  })
  @Post(':topUpId/cancellation')
  @Requires('organization', 'top-ups:create')
  @ApiErrors('top_ups.not_found', 'top_ups.not_cancellable')
  @ApiCreatedResponse({ type: TopUpView })
  cancelTopUp(@CurrentAccess() access: OrganizationAccess, @Param('topUpId', IdParam) id: string): Promise<TopUpView> {
    return this.topUps.cancel(access, id);
  }

  @ApiOperation({
    summary: 'Record a full or partial refund of a bank transfer and take back the same share of its credits.',
  })
  @Post(':topUpId/refunds')
  @Requires('operator', 'top-ups:confirm')
  @ApiErrors('top_ups.not_found', 'top_ups.not_refundable')
  @ApiCreatedResponse({ type: TopUpView })
  refundTopUp(
    @CurrentAccess() access: OrganizationAccess,
    @Param('topUpId', IdParam) id: string,
    @Body() input: RefundTransfer,
  ): Promise<TopUpView> {
    return this.topUps.refund(access, id, input.amountMinor);
  }

  @ApiOperation({
    summary: 'Close the review of a payment that does not match its top-up.',
    description:
      'The credits are not granted. Refund the payment at the provider, or grant credits by hand. An unpaid top-up ends as `failed`.',
  })
  @Post(':topUpId/review')
  @HttpCode(200)
  @Requires('operator', 'top-ups:confirm')
  @ApiErrors('top_ups.not_found', 'top_ups.nothing_to_review')
  @ApiOkResponse({ type: TopUpView })
  closeReview(
    @CurrentAccess() access: OrganizationAccess,
    @Param('topUpId', IdParam) id: string,
    @Body() input: CloseReview,
  ): Promise<TopUpView> {
    return this.topUps.closeReview(access, id, input.note);
  }

  @ApiOperation({ summary: 'Get a top-up.' })
  @Get(':topUpId')
  @Requires('organization', 'credits:read')
  @ApiErrors('top_ups.not_found')
  @ApiOkResponse({ type: TopUpView })
  getTopUp(@CurrentAccess() access: OrganizationAccess, @Param('topUpId', IdParam) id: string): Promise<TopUpView> {
    return this.topUps.view(access, id);
  }
}
