import { Logger } from '@nestjs/common';
import { ScheduledJob } from './scheduled-job.js';

class FailingJob extends ScheduledJob {
  readonly done: string[] = [];

  async run(): Promise<void> {
    await this.forEach(['first', 'failing', 'last'], (id) => {
      this.done.push(id);
      return id === 'failing' ? Promise.reject(new Error('broken')) : Promise.resolve();
    });
  }
}

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['log', 'warn', 'error']));

it('continues with the next item after one failed', async () => {
  const job = new FailingJob();
  await job.tick();
  expect(job.done).toEqual(['first', 'failing', 'last']);
});

it('starts no item after it was stopped', async () => {
  const job = new FailingJob();
  await job.onModuleDestroy();
  await job.run();
  expect(job.done).toEqual([]);
});
