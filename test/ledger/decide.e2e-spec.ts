import { decide } from '../../src/billing/ledger/decisions/decide.js';
import { History } from './history.js';
import { Random } from './random.js';

const OPERATIONS = 200_000;
/** Many short histories and a few long ones: the model sums up the whole history, so long ones are slow. */
const batchesOf = (number: number): number => (number % 20 === 0 ? 60 : 12);

interface Run {
  operations: number;
  seen: Set<string>;
}

/** Throws at the first difference, with the seed of that history. */
function run(seed: number, operations: number, decideWith?: typeof decide): Run {
  const all: Run = { operations: 0, seen: new Set() };
  for (let number = 0; all.operations < operations; number++) {
    const history = new History(new Random(seed + number), decideWith);
    try {
      history.live(batchesOf(number));
      history.audit();
    } catch (error) {
      throw new Error(`LEDGER_SEED=${seed + number}: ${(error as Error).message}`, { cause: error });
    }
    all.operations += history.operations;
    for (const kind of history.seen) all.seen.add(kind);
  }
  return all;
}

const seed = Number(process.env.LEDGER_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe('decide', () => {
  it('agrees with the model over random histories', () => {
    const { operations, seen } = run(seed, OPERATIONS);
    process.stdout.write(`${operations} operations agreed, LEDGER_SEED=${seed}\n`);
    // Complete coverage: every command succeeded and every refusal occurred.
    expect([...seen].sort()).toEqual([
      'adjustment insufficient',
      'adjustment ok',
      'capture exceeds',
      'capture insufficient',
      'capture limit',
      'capture not_found',
      'capture ok',
      'capture resolved',
      'charge frozen',
      'charge insufficient',
      'charge limit',
      'charge ok',
      'extend not_found',
      'extend ok',
      'extend resolved',
      'grant ok',
      'grant past',
      'hold frozen',
      'hold insufficient',
      'hold limit',
      'hold ok',
      'refund not_found',
      'refund ok',
      'refund refund_exceeds',
      'reversal ok',
      'void not_found',
      'void ok',
      'void resolved',
    ]);
  }, 120_000);

  const faults: Record<string, typeof decide> = {
    'a credit too much': (state, commands, newId) =>
      decide(Object.assign(state, { overdraftLimit: state.overdraftLimit + 1n }), commands, newId),
    'limits that are forgotten': (state, commands, newId) =>
      decide(Object.assign(state, { limits: [] }), commands, newId),
    'lots that end a minute late': (state, commands, newId) => {
      const late = commands.map((command) =>
        command.type === 'grant' && command.expiresAt !== null
          ? { ...command, expiresAt: command.expiresAt + 60_000 }
          : command,
      );
      return decide(state, late, newId);
    },
    'claw-backs that forgive what is gone': (state, commands, newId) => {
      const decision = decide(state, commands, newId);
      state.owed = 0n;
      return decision;
    },
    'the first command served last': (state, commands, newId) => {
      const decision = decide(state, [...commands.slice(1), ...commands.slice(0, 1)], newId);
      return { ...decision, results: [...decision.results.slice(-1), ...decision.results.slice(0, -1)] };
    },
  };

  it.each(Object.keys(faults))('is reported as wrong with %s', (fault) => {
    // A history of this length does not trigger every fault.
    const seen = [0, 1, 2, 3, 4].some((more) => {
      try {
        run(seed + more, 20_000, faults[fault]);
        return false;
      } catch (error) {
        expect(String(error)).toMatch(/LEDGER_SEED/);
        return true;
      }
    });
    expect(seen).toBe(true);
  });
});
