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
import { Subscriptions } from './subscription.service.js';

@ApiTags('Subscriptions')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/subscription')
export class SubscriptionController {
  constructor(private readonly subscriptions: Subscriptions) {}

  @ApiOperation({ summary: 'Read the subscription of an organization, and what of its limits is used.' })
  @Get()
  @Requires('organization', 'subscription:read')
  @ApiErrors('subscriptions.not_found')
  @ApiOkResponse({ type: SubscriptionView })
  getSubscription(@CurrentAccess() { organizationId }: OrganizationAccess): Promise<SubscriptionView> {
    return this.subscriptions.view(organizationId);
  }

  @ApiOperation({ summary: 'Begin a subscription or change its plan, now or when the period ends.' })
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

  @ApiOperation({ summary: 'Cancel, when the period ends or at once. Limits of the plan stay, credits stop.' })
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

  @ApiOperation({ summary: 'Take back that it ends with the period.' })
  @Post('resume')
  @HttpCode(200)
  @Requires('organization', 'subscription:edit')
  @ApiErrors('subscriptions.not_found', 'subscriptions.cancelled')
  @ApiOkResponse({ type: SubscriptionView })
  resumeSubscription(@CurrentAccess() access: OrganizationAccess): Promise<SubscriptionView> {
    return this.subscriptions.resume(access);
  }

  @ApiOperation({ summary: 'Read the limits on seats and units: its own, and those that count.' })
  @Get('limits')
  @Requires('organization', 'subscription:read')
  @ApiOkResponse({ type: SubscriptionLimitsView })
  getSubscriptionLimits(@CurrentAccess() { organizationId }: OrganizationAccess): Promise<SubscriptionLimitsView> {
    return this.subscriptions.limits(organizationId);
  }

  @ApiOperation({
    summary: 'Give an organization limits of its own on seats and units.',
    description:
      'They count in the place of those of its plan, whichever that is. Fewer than there are removes nobody and nothing.',
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

  @ApiOperation({ summary: 'Mark it as paid, which grants what was kept back, or as past due.' })
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
