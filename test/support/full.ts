/** Whether `npm run check:full` runs the tests, which has time for long variants and for every combination. */
export const FULL = process.env.TEST_FULL === 'true';

/** Tests that only `npm run check:full` runs: they take long, and shorter tests show that the feature works. */
export const itFull = FULL ? it : it.skip;
export const describeFull = FULL ? describe : describe.skip;
