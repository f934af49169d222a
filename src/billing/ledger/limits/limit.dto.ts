import { toCredits } from '../../../common/money/index.js';
import { CreditsField, EnumField, IntegerField, ObjectListField } from '../../../common/validation/index.js';
import { LIMIT_WINDOWS, type Limit, type LimitWindow } from '../decisions/state.js';

const WINDOW = {
  name: 'LimitWindow',
  description: 'From midnight, Monday or the first of the month on, in UTC; or ever.',
};

export class LimitInput {
  @EnumField(LIMIT_WINDOWS, WINDOW)
  window: LimitWindow;

  @CreditsField({ zero: true, example: '100' })
  amount: string;
}

export class LimitsInput {
  @ObjectListField(() => LimitInput, { description: 'All of them, at most one a window; none: no limit.' })
  limits: LimitInput[];
}

const RUNS = { min: 0, max: 1_000_000, optional: true, nullable: true };

export class SubjectLimitsInput extends LimitsInput {
  @IntegerField({
    ...RUNS,
    description: 'How many runs may run at once; null: any number. Left out it stays as it is.',
  })
  runningRuns?: number | null;
}

export class OrganizationLimitsInput extends SubjectLimitsInput {
  @ObjectListField(() => LimitInput, { optional: true, description: 'For each member that has none of his own.' })
  memberDefaults?: LimitInput[];

  @IntegerField({ ...RUNS, description: 'For each member that has no number of his own.' })
  memberRunningRuns?: number | null;
}

export class LimitView extends LimitInput {
  @CreditsField({ zero: true, description: 'In the window that runs now, with what is held.' })
  used: string;
}

export class LimitsView {
  @ObjectListField(() => LimitView)
  limits: LimitView[];

  @IntegerField({ min: 0, max: 1_000_000, nullable: true, description: 'How many runs may run at once.' })
  runningRuns: number | null;
}

export class OrganizationLimitsView extends LimitsView {
  @ObjectListField(() => LimitInput)
  memberDefaults: LimitInput[];

  @IntegerField({ min: 0, max: 1_000_000, nullable: true })
  memberRunningRuns: number | null;
}

const broadestFirst = (a: { window: LimitWindow }, b: { window: LimitWindow }): number =>
  LIMIT_WINDOWS.indexOf(a.window) - LIMIT_WINDOWS.indexOf(b.window);

export const toLimitViews = (limits: readonly Limit[]): LimitView[] =>
  limits
    .map(({ window, amount, used }) => ({ window, amount: toCredits(amount), used: toCredits(used) }))
    .sort(broadestFirst);

export const toLimitInputs = (limits: readonly { window: LimitWindow; amount: bigint }[]): LimitInput[] =>
  limits.map(({ window, amount }) => ({ window, amount: toCredits(amount) })).sort(broadestFirst);
