import { toCredits } from '../../../common/money/index.js';
import {
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  ObjectListField,
  TextField,
} from '../../../common/validation/index.js';
import { type EpochMs, LIMIT_WINDOWS, type Limit, type LimitWindow } from '../decisions/state.js';
import { toResetsAt } from '../decisions/windows.js';

const WINDOW = {
  name: 'LimitWindow',
  description:
    'The window starts at midnight, on Monday or on the first of the month, in the time zone of the operator. `lifetime` never ' +
    'starts again.',
};

export class LimitInput {
  @EnumField(LIMIT_WINDOWS, WINDOW)
  window: LimitWindow;

  @CreditsField({ zero: true, example: '100' })
  amount: string;
}

export class LimitsInput {
  @ObjectListField(() => LimitInput, {
    description: 'All limits, at most one per window. An empty list removes all limits.',
  })
  limits: LimitInput[];
}

const RUNS = { min: 0, max: 1_000_000, optional: true, nullable: true };

export class SubjectLimitsInput extends LimitsInput {
  @IntegerField({
    ...RUNS,
    description: 'Most concurrent runs. Null for no limit. Omit it to keep the current value.',
  })
  runningRuns?: number | null;
}

export class OrganizationLimitsInput extends SubjectLimitsInput {
  @ObjectListField(() => LimitInput, { optional: true, description: 'Limits of members who have none of their own.' })
  memberDefaults?: LimitInput[];

  @IntegerField({ ...RUNS, description: 'Most concurrent runs of members who have no number of their own.' })
  memberRunningRuns?: number | null;
}

export class LimitView extends LimitInput {
  @CreditsField({ zero: true, description: 'Usage in the current window, including holds.' })
  used: string;

  @DateTimeField({ nullable: true, description: 'When the next window starts. Null for `lifetime`.' })
  resetsAt: string | null;
}

export class LimitsView {
  @ObjectListField(() => LimitView)
  limits: LimitView[];

  @TextField({ example: 'Europe/Berlin', description: 'The time zone of the windows, from the operator.' })
  timeZone: string;

  @IntegerField({ min: 0, max: 1_000_000, nullable: true, description: 'Most concurrent runs. Null for no limit.' })
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

export const toLimitViews = (limits: readonly Limit[], now: EpochMs, timeZone: string): LimitView[] =>
  limits
    .map(({ window, amount, used }) => ({
      window,
      amount: toCredits(amount),
      used: toCredits(used),
      resetsAt: toResetsAt(window, now, timeZone),
    }))
    .sort(broadestFirst);

export const toLimitInputs = (limits: readonly { window: LimitWindow; amount: bigint }[]): LimitInput[] =>
  limits.map(({ window, amount }) => ({ window, amount: toCredits(amount) })).sort(broadestFirst);
