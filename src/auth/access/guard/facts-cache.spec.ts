import { FactsCache } from './facts-cache.js';

interface Found {
  name: string;
  endsInMs: number | null;
}

/** A cache over readings that end when the test says so. */
function scene() {
  const changes = { accessGeneration: 0 };
  const clock = { now: 0 };
  const cache = new FactsCache<Found>(changes, () => clock.now);
  const readings: { finish: (found: Found | null) => void; fail: (error: Error) => void }[] = [];
  const get = (key = 'one', keeps?: (found: Found) => boolean) =>
    cache.get(key, () => new Promise((finish, fail) => readings.push({ finish, fail })), keeps);
  return { changes, clock, readings, get };
}

const found = (name: string, endsInMs: number | null = null): Found => ({ name, endsInMs });

it('reads once for concurrent callers, and again for another key', async () => {
  const { readings, get } = scene();
  const asked = Array.from({ length: 512 }, () => get());
  void get('two');
  expect(readings).toHaveLength(2);
  readings[0]?.finish(found('a'));
  expect(new Set(await Promise.all(asked)).size).toBe(1);
  await expect(get()).resolves.toEqual(found('a'));
  expect(readings).toHaveLength(2);
});

it('counts the second from the start of the read', async () => {
  const { clock, readings, get } = scene();
  const first = get();
  clock.now = 700;
  readings[0]?.finish(found('a'));
  await first;
  clock.now = 999;
  await expect(get()).resolves.toEqual(found('a'));
  clock.now = 1_000;
  void get();
  expect(readings).toHaveLength(2);
});

it('does not join a read that has lasted for a second', () => {
  const { clock, readings, get } = scene();
  void get();
  clock.now = 1_000;
  void get();
  expect(readings).toHaveLength(2);
});

it('expires with the facts if they expire within the second', async () => {
  const { clock, readings, get } = scene();
  const first = get();
  readings[0]?.finish(found('a', 300));
  await first;
  clock.now = 299;
  await get();
  expect(readings).toHaveLength(1);
  clock.now = 300;
  void get();
  expect(readings).toHaveLength(2);
});

it('forgets everything after a change', async () => {
  const { changes, readings, get } = scene();
  const first = get();
  readings[0]?.finish(found('before'));
  await first;
  changes.accessGeneration++;
  const second = get();
  readings[1]?.finish(found('after'));
  await expect(second).resolves.toEqual(found('after'));
});

it('neither keeps nor joins a read that began before a change', async () => {
  const { changes, readings, get } = scene();
  const before = get();
  changes.accessGeneration++;
  const after = get();
  expect(readings).toHaveLength(2);
  // The outdated read ends last and must not replace the newer one.
  readings[1]?.finish(found('after'));
  await after;
  readings[0]?.finish(found('before'));
  await before;
  await expect(get()).resolves.toEqual(found('after'));
  expect(readings).toHaveLength(2);
});

it('does not keep a read that began before a change, even without a request in between', async () => {
  const { changes, readings, get } = scene();
  const before = get();
  changes.accessGeneration++;
  readings[0]?.finish(found('before'));
  await before;
  void get();
  expect(readings).toHaveLength(2);
});

it('keeps no failures, missing facts or facts that are not worth keeping', async () => {
  const { readings, get } = scene();
  const failed = get();
  readings[0]?.fail(new Error('down'));
  await expect(failed).rejects.toThrow('down');
  const nothing = get();
  readings[1]?.finish(null);
  await expect(nothing).resolves.toBeNull();
  const unwanted = get('one', () => false);
  readings[2]?.finish(found('a'));
  await unwanted;
  void get();
  expect(readings).toHaveLength(4);
});
