import type { Type } from '@nestjs/common';
import type { TestServer } from './test-app.js';

interface Schedule {
  run(): Promise<unknown>;
  tick(): Promise<void>;
}

/** Runs a schedule on all servers at once, so many times each; by the end also what their own timers had begun is done. */
export async function runEverywhere(servers: readonly TestServer[], type: Type<Schedule>, times = 1): Promise<void> {
  const schedules = servers.map(({ app }) => app.get(type));
  await Promise.all(schedules.flatMap((schedule) => Array.from({ length: times }, () => schedule.run())));
  await Promise.all(schedules.map((schedule) => schedule.tick()));
}
