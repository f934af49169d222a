import { FairQueue } from './fair-queue.js';

const many = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}${index}`);
const LIMITS = { perOrganization: 50, maxBatchSize: 40 };
const shape = (batches: { organizationId: string; items: unknown[] }[]) =>
  batches.map(({ organizationId, items }) => [organizationId, items.length]);

it('serves each organization in turn, regardless of how much others have queued', () => {
  const queue = new FairQueue<string>(LIMITS);
  queue.add('hot', many(120, 'h'));
  queue.add('small', ['s']);
  expect(shape(queue.take())).toEqual([['hot', 50]]);
  expect(shape(queue.take())).toEqual([['small', 1]]);
  expect(queue.take()).toEqual([]);
  queue.add('small', ['t']);
  queue.done('hot');
  queue.done('small');
  expect(shape(queue.take())).toEqual([['hot', 50]]);
  expect(shape(queue.take())).toEqual([['small', 1]]);
  expect(queue.size).toBe(20);
});

it('gathers short queues and serves a long one alone', () => {
  const queue = new FairQueue<string>(LIMITS);
  for (const name of ['a', 'b', 'c']) queue.add(name, many(3, name));
  queue.add('long', many(30, 'l'));
  queue.add('d', ['d']);
  expect(shape(queue.take())).toEqual([
    ['a', 3],
    ['b', 3],
    ['c', 3],
    ['d', 1],
  ]);
  expect(shape(queue.take())).toEqual([['long', 30]]);
});

it('takes no more than the batch size', () => {
  const queue = new FairQueue<string>(LIMITS);
  for (let index = 0; index < 10; index++) queue.add(`o${index}`, many(9, 'x'));
  expect(queue.take().flatMap(({ items }) => items)).toHaveLength(36);
});

it('keeps the order of one organization, including items added while it is served', () => {
  const queue = new FairQueue<number>({ perOrganization: 2, maxBatchSize: 8 });
  queue.add('a', [1, 2, 3]);
  const seen = [...(queue.take()[0]?.items ?? [])];
  queue.add('a', [4]);
  expect(queue.take()).toEqual([]);
  queue.done('a');
  seen.push(...(queue.take()[0]?.items ?? []));
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(queue.size).toBe(0);
});

it('serves one queue at a time without gathering', () => {
  const queue = new FairQueue<string>(LIMITS);
  queue.add('a', ['1']);
  queue.add('b', ['2']);
  expect(shape(queue.take(false))).toEqual([['a', 1]]);
  expect(shape(queue.take(false))).toEqual([['b', 1]]);
});
