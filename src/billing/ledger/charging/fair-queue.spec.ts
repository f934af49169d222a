import { Turns } from './fair-queue.js';

const many = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}${index}`);
const LIMITS = { perOrganization: 50, together: 40 };
const shape = (turns: { organizationId: string; items: unknown[] }[]) =>
  turns.map(({ organizationId, items }) => [organizationId, items.length]);

it('gives each organization its turn, however much others have queued', () => {
  const turns = new Turns<string>(LIMITS);
  turns.add('hot', many(120, 'h'));
  turns.add('small', ['s']);
  expect(shape(turns.take())).toEqual([['hot', 50]]);
  expect(shape(turns.take())).toEqual([['small', 1]]);
  expect(turns.take()).toEqual([]);
  turns.add('small', ['t']);
  turns.done('hot');
  turns.done('small');
  expect(shape(turns.take())).toEqual([['hot', 50]]);
  expect(shape(turns.take())).toEqual([['small', 1]]);
  expect(turns.size).toBe(20);
});

it('gathers short queues and leaves a long one to its own turn', () => {
  const turns = new Turns<string>(LIMITS);
  for (const name of ['a', 'b', 'c']) turns.add(name, many(3, name));
  turns.add('long', many(30, 'l'));
  turns.add('d', ['d']);
  expect(shape(turns.take())).toEqual([
    ['a', 3],
    ['b', 3],
    ['c', 3],
    ['d', 1],
  ]);
  expect(shape(turns.take())).toEqual([['long', 30]]);
});

it('takes no more together than asked', () => {
  const turns = new Turns<string>(LIMITS);
  for (let index = 0; index < 10; index++) turns.add(`o${index}`, many(9, 'x'));
  expect(turns.take().flatMap(({ items }) => items)).toHaveLength(36);
});

it('keeps the order of one organization, also of what comes while it is served', () => {
  const turns = new Turns<number>({ perOrganization: 2, together: 8 });
  turns.add('a', [1, 2, 3]);
  const seen = [...(turns.take()[0]?.items ?? [])];
  turns.add('a', [4]);
  expect(turns.take()).toEqual([]);
  turns.done('a');
  seen.push(...(turns.take()[0]?.items ?? []));
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(turns.size).toBe(0);
});

it('serves one at a time where nothing is gathered', () => {
  const turns = new Turns<string>(LIMITS);
  turns.add('a', ['1']);
  turns.add('b', ['2']);
  expect(shape(turns.take(false))).toEqual([['a', 1]]);
  expect(shape(turns.take(false))).toEqual([['b', 1]]);
});
