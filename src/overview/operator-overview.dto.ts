import { BooleanField, EnumField, IntegerField, ObjectField, ObjectListField } from '../common/validation/index.js';
import { ActivityView } from './activity.dto.js';

const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER };

export const OPERATOR_STEPS = ['branding', 'organization', 'organization_admin'] as const;
export type OperatorStep = (typeof OPERATOR_STEPS)[number];

export class OperatorStepView {
  @EnumField(OPERATOR_STEPS, {
    name: 'OperatorStep',
    description:
      '`branding`: a field is set. `organization`: there is one. `organization_admin`: one of the 1,000 newest has an admin, or an invitation for one.',
  })
  step: OperatorStep;

  @BooleanField()
  done: boolean;
}

export class OrganizationsByStatusView {
  @IntegerField(COUNT)
  active: number;

  @IntegerField(COUNT)
  suspended: number;

  @IntegerField(COUNT)
  pendingDeletion: number;
}

export class OperatorOverviewView {
  @ObjectField(() => OrganizationsByStatusView)
  organizations: OrganizationsByStatusView;

  @ObjectListField(() => OperatorStepView, {
    description: 'The first steps of an operator. Lists only those that the caller may take.',
  })
  setUp: OperatorStepView[];

  @ObjectListField(() => ActivityView, {
    nullable: true,
    description:
      'The newest events of the operator itself without sign-ins, at most 10. Null without `operator-events:read`.',
  })
  activity: ActivityView[] | null;
}
