import {
  BooleanField,
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  ObjectField,
  ObjectListField,
  TextField,
} from '../common/validation/index.js';
import { ActivityView } from './activity.dto.js';

const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER };

export const ATTENTION_CODES = [
  'pending_deletion',
  'suspended',
  'credits_frozen',
  'credits_exhausted',
  'credits_run_out_soon',
  'subscription_past_due',
  'auto_top_up_stopped',
  'domain_proof_missing',
] as const;
export type AttentionCode = (typeof ATTENTION_CODES)[number];

export const ORGANIZATION_STEPS = ['branding', 'members', 'credits', 'domain', 'single_sign_on'] as const;
export type OrganizationStep = (typeof ORGANIZATION_STEPS)[number];

export class AttentionView {
  @EnumField(ATTENTION_CODES, {
    name: 'AttentionCode',
    description: '`credits_run_out_soon`: within seven days at the current rate.',
  })
  code: AttentionCode;

  @DateTimeField({
    nullable: true,
    description: 'When it happens or has happened: the purge, the end of the credits, the missed payment or proof.',
  })
  at: string | null;
}

export class OrganizationStepView {
  @EnumField(ORGANIZATION_STEPS, {
    name: 'OrganizationStep',
    description:
      '`branding`: a field is set. `members`: someone was invited or joined. `credits`: there were credits. `domain`: a mail domain is proved. `single_sign_on`: a connection is enabled.',
  })
  step: OrganizationStep;

  @BooleanField()
  done: boolean;
}

export class OverviewCountsView {
  @IntegerField({ ...COUNT, nullable: true, description: 'Null without `members:list`.' })
  members: number | null;

  @IntegerField({
    ...COUNT,
    nullable: true,
    description: 'Those that wait for an answer. Null without `invitations:list`.',
  })
  invitations: number | null;

  @IntegerField({ ...COUNT, nullable: true, description: 'Those that the caller sees. Null without `units:list`.' })
  units: number | null;
}

export class UsageDayView {
  @TextField({ example: '2026-01-31', description: 'A day in the time zone of the operator.' })
  day: string;

  @CreditsField({ signed: true, zero: true, description: 'Charged minus refunded credits.' })
  net: string;
}

export class OverviewCreditsView {
  @CreditsField({ signed: true, zero: true, description: 'Credits that can be spent.' })
  available: string;

  @CreditsField({ zero: true, description: 'Credits kept by open holds.' })
  held: string;

  @DateTimeField({
    nullable: true,
    description: 'When credits run out at the rate of the last seven days. Null if nothing is used.',
  })
  lastsUntil: string | null;

  @ObjectListField(() => UsageDayView, {
    description: 'The last 30 days. All usage with `credits:readAll`, otherwise that of the caller.',
  })
  usage: UsageDayView[];
}

export class OrganizationOverviewView {
  @EnumField(['active', 'suspended', 'pending_deletion'], { name: 'LifecycleStatus' })
  status: 'active' | 'suspended' | 'pending_deletion';

  @ObjectListField(() => AttentionView, { description: 'What needs attention, as far as the caller may see it.' })
  attention: AttentionView[];

  @ObjectListField(() => OrganizationStepView, {
    description: 'Steps to set the organization up. Lists only those that the caller may take.',
  })
  setUp: OrganizationStepView[];

  @ObjectField(() => OverviewCountsView)
  counts: OverviewCountsView;

  @ObjectField(() => OverviewCreditsView, { nullable: true, description: 'Null without `credits:read`.' })
  credits: OverviewCreditsView | null;

  @ObjectListField(() => ActivityView, {
    nullable: true,
    description: 'The newest events without sign-ins, at most 10. Null without `events:read`.',
  })
  activity: ActivityView[] | null;
}
