import { defineErrors } from '../../common/errors/index.js';

export const subscriptionErrors = defineErrors('subscriptions', {
  not_found: ['not_found', 'This organization has no subscription.'],
  cancelled: ['conflict', 'This subscription has been cancelled. Choose a plan to start again.'],
  plan_not_selectable: ['forbidden', 'Only the operator can assign this plan. Contact the operator.'],
});
