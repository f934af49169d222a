import { existsSync, readFileSync } from 'node:fs';

const SCHEDSTAT = '/proc/thread-self/schedstat';
const fields = 20_000;
const manyFields = `{${Array.from({ length: fields }, (_, n) => `"k${n}":0`).join()}}`;
/** Other threads and the garbage collector take their part now and then. What holds the thread does so each time. */
const TRIES = 6;

/**
 * Returns the milliseconds that this thread ran so far. A busy machine stops it now and then, which must not count. Where
 * the system does not tell (only Linux does), it is the time of the process.
 */
const ran: () => number = existsSync(SCHEDSTAT)
  ? () => Number(readFileSync(SCHEDSTAT, 'latin1').split(' ', 1)[0]) / 1_000_000
  : () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    };

/** Returns the longest run of this thread, in milliseconds, in which the event loop did not turn during `work`. */
async function standstill(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = ran();
  const progress = { working: true };
  const turn = () => {
    const now = ran();
    longest = Math.max(longest, now - last);
    last = now;
    if (progress.working) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  // What came last counts once the loop turns again.
  await new Promise((resolve) => setImmediate(resolve));
  progress.working = false;
  return longest;
}

/** Returns how many milliseconds it takes to parse 20,000 fields now: the middle of three, of which one may meet the garbage collector. */
function unit(): number {
  const times = Array.from({ length: 3 }, () => {
    const started = ran();
    JSON.parse(manyFields);
    return ran() - started;
  });
  return times.sort((one, other) => one - other)[1]!;
}

/**
 * Returns the longest time in which `work` held the event loop, as a multiple of what parsing 20,000 fields takes on this
 * machine. The least of several measurements; stops at the first that is not above `most`.
 */
export async function eventLoopHeld(work: () => Promise<unknown>, most: number): Promise<number> {
  let least = Infinity;
  for (let tries = 0; tries < TRIES && least > most; tries++)
    least = Math.min(least, (await standstill(work)) / unit());
  return least;
}
