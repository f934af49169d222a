import type { Type } from '@nestjs/common';
import type { TestServer } from './test-app.js';

interface Schedule {
  run(): Promise<unknown>;
  tick(): Promise<void>;
}

/** Runs a job on all servers at once, the given number of times each, and waits for runs that the servers' timers started. */
export async function runEverywhere(servers: readonly TestServer[], type: Type<Schedule>, times = 1): Promise<void> {
  const schedules = servers.map(({ app }) => app.get(type));
  await Promise.all(schedules.flatMap((schedule) => Array.from({ length: times }, () => schedule.run())));
  await Promise.all(schedules.map((schedule) => schedule.tick()));
}
