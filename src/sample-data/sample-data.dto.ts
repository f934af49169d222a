import { EnumField, IntegerField } from '../common/validation/index.js';

export const SAMPLE_DATA_STATES = ['unavailable', 'available', 'loading', 'failed', 'loaded'] as const;
export type SampleDataState = (typeof SAMPLE_DATA_STATES)[number];

export class SampleDataView {
  @EnumField(SAMPLE_DATA_STATES, {
    name: 'SampleDataState',
    description:
      '`unavailable`: this server takes no sample data, or the operator has organizations. `failed`: loading stopped, and goes on when it is started again.',
  })
  state: SampleDataState;

  @IntegerField({ min: 0, max: 1000, description: 'How many organizations are complete.' })
  done: number;

  @IntegerField({ min: 0, max: 1000, description: 'How many organizations there will be.' })
  total: number;
}
