import { Body, Controller, Get, HttpCode, Patch, Post, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { IfMatch, ApiErrors } from '../../http/index.js';
import {
  CancelSubscription,
  ChoosePlan,
  SubscriptionLimitsView,
  SetLimits,
  SetPayment,
  SubscriptionView,
} from './subscription.dto.js';
import { SubscriptionService } from './subscription.service.js';

@ApiTags('Subscriptions')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/subscription')
export class SubscriptionController {
  constructor(private readonly subscriptions: SubscriptionService) {}

  @ApiOperation({ summary: 'Get the subscription of an organization and the usage of its limits.' })
  @Get()
  @Requires('organization', 'subscription:read')
  @ApiErrors('subscriptions.not_found')
  @ApiOkResponse({ type: SubscriptionView })
  getSubscription(@CurrentAccess() { organizationId }: OrganizationAccess): Promise<SubscriptionView> {
    return this.subscriptions.view(organizationId);
  }

  @ApiOperation({ summary: 'Start a subscription or change its plan, immediately or at the end of the period.' })
  @Put()
  @Requires('organization', 'subscription:edit')
  @ApiErrors('plans.not_found', 'plans.archived', 'subscriptions.plan_not_selectable', 'billing.balance_too_large')
  @ApiOkResponse({ type: SubscriptionView })
  setSubscription(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: ChoosePlan,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<SubscriptionView> {
    return this.subscriptions.choose(access, input, ifMatch);
  }

  @ApiOperation({
    summary:
      'Cancel the subscription, immediately or at the end of the period. The limits of the plan remain, but no more credits are granted.',
  })
  @Post('cancel')
  @HttpCode(200)
  @Requires('organization', 'subscription:edit')
  @ApiErrors('subscriptions.not_found', 'subscriptions.cancelled')
  @ApiOkResponse({ type: SubscriptionView })
  cancelSubscription(
    @CurrentAccess() access: OrganizationAccess,
    @Body() { effective }: CancelSubscription,
  ): Promise<SubscriptionView> {
    return this.subscriptions.cancel(access, effective);
  }

  @ApiOperation({ summary: 'Undo a cancellation at the end of the period.' })
  @Post('resume')
  @HttpCode(200)
  @Requires('organization', 'subscription:edit')
  @ApiErrors('subscriptions.not_found', 'subscriptions.cancelled')
  @ApiOkResponse({ type: SubscriptionView })
  resumeSubscription(@CurrentAccess() access: OrganizationAccess): Promise<SubscriptionView> {
    return this.subscriptions.resume(access);
  }

  @ApiOperation({ summary: 'Get the limits on seats and units: the overrides and the effective limits.' })
  @Get('limits')
  @Requires('organization', 'subscription:read')
  @ApiOkResponse({ type: SubscriptionLimitsView })
  getSubscriptionLimits(@CurrentAccess() { organizationId }: OrganizationAccess): Promise<SubscriptionLimitsView> {
    return this.subscriptions.limits(organizationId);
  }

  @ApiOperation({
    summary: "Override the plan's limits on seats and units for an organization.",
    description: 'Overrides stay in effect when the plan changes. A limit below the current usage removes nothing.',
  })
  @Patch('limits')
  @Requires('operator', 'subscriptions:setLimits')
  @ApiOkResponse({ type: SubscriptionLimitsView })
  setSubscriptionLimits(
    @CurrentAccess() access: OrganizationAccess,
    @Body() input: SetLimits,
  ): Promise<SubscriptionLimitsView> {
    return this.subscriptions.setLimits(access, input);
  }

  @ApiOperation({ summary: 'Mark the subscription as paid, which grants withheld credits, or as past due.' })
  @Put('payment')
  @Requires('operator', 'subscriptions:setPayment')
  @ApiErrors('subscriptions.not_found', 'subscriptions.cancelled')
  @ApiOkResponse({ type: SubscriptionView })
  setSubscriptionPayment(
    @CurrentAccess() access: OrganizationAccess,
    @Body() { paid }: SetPayment,
  ): Promise<SubscriptionView> {
    return this.subscriptions.setPaid(access, paid);
  }
}
