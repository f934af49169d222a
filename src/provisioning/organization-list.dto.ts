import {
  CreditsField,
  DateTimeField,
  IntegerField,
  ObjectField,
  TextField,
  UuidField,
} from '../common/validation/index.js';
import { OrganizationView } from '../organizations/index.js';

const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER };

export class OrganizationCreditsView {
  @CreditsField({ signed: true, zero: true, description: 'Credits that can be spent.' })
  available: string;

  @CreditsField({ zero: true, description: 'Credits kept by open holds.' })
  held: string;

  @DateTimeField({
    nullable: true,
    description: 'When credits run out at the rate of the last seven days. Null if nothing is used.',
  })
  lastsUntil: string | null;
}

export class OrganizationPlanView {
  @UuidField()
  id: string;

  @TextField()
  name: string;
}

export class OrganizationCountsView {
  @IntegerField(COUNT)
  members: number;

  @IntegerField({ ...COUNT, description: 'Invitations that wait for an answer.' })
  invitations: number;

  @IntegerField({ ...COUNT, description: 'Without deleted ones.' })
  units: number;
}

export class OrganizationItemView extends OrganizationView {
  @ObjectField(() => OrganizationCreditsView, { optional: true, description: 'Only with `include=credits`.' })
  credits?: OrganizationCreditsView;

  @ObjectField(() => OrganizationPlanView, {
    optional: true,
    nullable: true,
    description: 'Only with `include=plan`. Null without a plan.',
  })
  plan?: OrganizationPlanView | null;

  @ObjectField(() => OrganizationCountsView, { optional: true, description: 'Only with `include=counts`.' })
  counts?: OrganizationCountsView;
}
