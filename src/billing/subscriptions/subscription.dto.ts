import { currencyOf, toCredits } from '../../common/money/index.js';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  DecimalsField,
  EnumField,
  EtagField,
  IntegerField,
  ObjectField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import type { Plan } from '../../plans/index.js';
import { statusOf, SUBSCRIPTION_STATUSES, type SubscriptionStatus } from './subscription-change.js';
import type { Subscription } from './subscription.entity.js';
import { toSubscriptionState } from './subscription.store.js';
import { versionAndEtag } from '../../http/index.js';

export const EFFECTIVE = ['now', 'period_end'] as const;
export type Effective = (typeof EFFECTIVE)[number];

const COUNT = { min: 0, max: 2_147_483_647 };

export class ChoosePlan {
  @UuidField()
  planId: string;

  @EnumField(EFFECTIVE, {
    name: 'Effective',
    optional: true,
    default: 'now',
    description:
      'With `now`, the difference for the rest of the period is granted: (new − old) × time left ÷ length. Nothing is taken back.',
  })
  effective?: Effective;
}

export class CancelSubscription {
  @EnumField(EFFECTIVE, { name: 'Effective', optional: true, default: 'period_end' })
  effective?: Effective;
}

export class SetPayment {
  @BooleanField({ description: 'False marks the subscription as past due. No credits are granted until it is paid.' })
  paid: boolean;
}

export class PlanRefView {
  @UuidField()
  id: string;

  @TextField({ max: 100 })
  name: string;
}

export class SubscribedPlanView extends PlanRefView {
  @CreditsField({ zero: true })
  monthlyCredits: string;

  @IntegerField({ ...COUNT, description: 'The price in the smallest unit of the currency.' })
  priceMinor: number;

  @TextField({ min: 3, max: 3 })
  currency: string;

  @DecimalsField()
  currencyDecimals: number;
}

export class UseView {
  @IntegerField(COUNT)
  used: number;

  @IntegerField({ ...COUNT, nullable: true, description: 'Null means unlimited.' })
  limit: number | null;
}

const OWN = {
  optional: true,
  nullable: true,
  description: "Overrides the plan's limit. Null means that the plan's limit applies.",
};

export class SetLimits {
  @IntegerField({ ...COUNT, ...OWN })
  seatLimit?: number | null;

  @IntegerField({ ...COUNT, ...OWN })
  unitLimit?: number | null;
}

export class SubscriptionLimitsView {
  @IntegerField({ ...COUNT, ...OWN, optional: false })
  seatLimit: number | null;

  @IntegerField({ ...COUNT, ...OWN, optional: false })
  unitLimit: number | null;

  @ObjectField(() => UseView, { description: 'Active members and open invitations, with the effective limit.' })
  seats: UseView;

  @ObjectField(() => UseView)
  units: UseView;
}

export class SubscriptionView {
  @UuidField()
  organizationId: string;

  @UuidField()
  planId: string;

  @ObjectField(() => SubscribedPlanView)
  plan: SubscribedPlanView;

  @EnumField(SUBSCRIPTION_STATUSES, { name: 'SubscriptionStatus' })
  status: SubscriptionStatus;

  @TextField({ example: 'Europe/Berlin', description: 'The time zone that periods are counted in, from the operator.' })
  timeZone: string;

  @DateTimeField()
  periodStart: string;

  @DateTimeField({
    description: 'The end of this period, when its remaining credits expire and the next period starts.',
  })
  periodEnd: string;

  @CreditsField({ zero: true, description: 'Credits granted for this period.' })
  periodCredits: string;

  @DateTimeField({ nullable: true })
  trialEndsAt: string | null;

  @ObjectField(() => PlanRefView, {
    nullable: true,
    description: 'The plan that takes effect at the end of the period, unless the subscription is cancelled then.',
  })
  nextPlan: PlanRefView | null;

  @BooleanField()
  cancelAtPeriodEnd: boolean;

  @DateTimeField({ nullable: true })
  pastDueAt: string | null;

  @DateTimeField({ nullable: true })
  cancelledAt: string | null;

  @ObjectField(() => UseView, { description: 'Active members and open invitations.' })
  seats: UseView;

  @ObjectField(() => UseView)
  units: UseView;

  @DateTimeField()
  createdAt: string;

  @IntegerField({ min: 1, max: COUNT.max })
  version: number;

  @EtagField()
  etag: string;
}

export function toSubscriptionView(
  row: Subscription,
  plan: Plan,
  nextPlan: Plan | null,
  use: { seats: UseView; units: UseView; timeZone: string },
): SubscriptionView {
  const { id, name, monthlyCredits, priceMinor, currency } = plan;
  const currencyDecimals = currencyOf(currency).decimals;
  return {
    organizationId: row.organizationId,
    planId: id,
    plan: { id, name, monthlyCredits: toCredits(BigInt(monthlyCredits)), priceMinor, currency, currencyDecimals },
    status: statusOf(toSubscriptionState(row)),
    periodStart: row.periodStart.toISOString(),
    periodEnd: row.periodEnd.toISOString(),
    periodCredits: toCredits(BigInt(row.granted)),
    trialEndsAt: row.trialEndsAt?.toISOString() ?? null,
    nextPlan: nextPlan && { id: nextPlan.id, name: nextPlan.name },
    cancelAtPeriodEnd: row.cancelAtPeriodEnd,
    pastDueAt: row.pastDueAt?.toISOString() ?? null,
    cancelledAt: row.cancelledAt?.toISOString() ?? null,
    ...use,
    createdAt: row.createdAt.toISOString(),
    ...versionAndEtag(row.version),
  };
}
