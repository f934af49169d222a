import { setImmediate as breathe } from 'node:timers/promises';
import vm from 'node:vm';

/** Nothing that others wrote may run longer than this on the main thread. */
export const SLICE_MS = 50;

/** Tries on a busy machine. */
const MAX_TRIES = 6;

const WORK = '__trellisTimeSlice';
const script = new vm.Script(`globalThis.${WORK}()`);

/** Synchronous work was given up because it took longer than a slice. */
export class TimeSliceError extends Error {}

/** Runs synchronous work, and gives it up in the middle once a slice is over. */
function withinSlice<T>(work: () => T): T {
  const results: T[] = [];
  Object.assign(globalThis, { [WORK]: () => void results.push(work()) });
  try {
    script.runInThisContext({ timeout: SLICE_MS });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new TimeSliceError();
    throw error;
  }
  return results[0] as T;
}

/** Tries again once, and more often if the process hardly ran meanwhile: a busy machine must not count against the work. */
export function withinSliceOrAgain<T>(work: () => T): T {
  for (let tries = 1; ; tries++) {
    const before = process.cpuUsage();
    try {
      return withinSlice(work);
    } catch (error) {
      if (!(error instanceof TimeSliceError)) throw error;
      const { user, system } = process.cpuUsage(before);
      const ran = (user + system) / 1_000 > 0.8 * SLICE_MS;
      if (tries >= (ran ? 2 : MAX_TRIES)) throw error;
    }
  }
}

let lastTurn: Promise<void> = Promise.resolve();

/** Waits for a turn of the event loop without another slice in it, however many requests evaluate at once. */
export function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => breathe());
  return lastTurn;
}

/**
 * Evaluates items in slices, with a turn for other requests before each. Returns null for an item that does not fit into a
 * slice, and for those that are left after `totalMs`.
 */
export async function evaluateInSlices<T, R extends object>(
  items: readonly T[],
  evaluate: (item: T) => R,
  totalMs: number,
  onGivenUp: (item: T) => void = () => undefined,
): Promise<(R | null)[]> {
  const results: (R | null)[] = [];
  let [spentMs, failures] = [0, 0];
  while (results.length < items.length && spentMs < totalMs) {
    await nextTurn();
    const begun = results.length;
    const started = performance.now();
    try {
      withinSlice(() => {
        for (const item of items.slice(begun)) results.push(evaluate(item));
      });
    } catch (error) {
      if (!(error instanceof TimeSliceError)) throw error;
      failures = results.length === begun ? failures + 1 : 0;
      if (failures === 2) {
        for (const item of items.slice(begun, begun + 1)) onGivenUp(item);
        results.push(null);
        failures = 0;
      }
    }
    spentMs += performance.now() - started;
  }
  return items.map((_, index) => results[index] ?? null);
}

let lastTrial: Promise<unknown> = Promise.resolve();

/** Runs one dry run after the other, so that a sign-in waits for one slice of them, however many are asked for. */
export function oneTrialAtATime<T>(run: () => Promise<T>): Promise<T> {
  const result = lastTrial.then(run);
  lastTrial = result.catch(() => undefined);
  return result;
}
