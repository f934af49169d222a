// Starts the files that take longest first, so that none of them is left for one worker at the end. jest itself goes by
// the times of the last run, and by sizes where there was none, as in CI.
import Sequencer from '@jest/test-sequencer';

const LONGEST = [
  'chaos',
  'startup/server',
  'startup/embedded-server',
  'events',
  'access-matrix',
  'tokens',
  'purge',
  'stripe',
  'fuzz',
  'credit-races',
  'auth-settings',
  'access-cache',
  'ledger/decide',
  'auth',
];

const rankOf = ({ path }) => {
  const index = LONGEST.findIndex((name) => path.endsWith(`/test/${name}.e2e-spec.ts`));
  return index === -1 ? LONGEST.length : index;
};

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
