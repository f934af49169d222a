import { fuzz } from './fuzz/fuzz.mjs';
import { ADMIN, startTestApp, type TestApp } from './support/test-app.js';
import { FULL, itFull } from './support/full.js';

/*
 * A short run of `npm run fuzz`: generated valid, odd and hostile requests on every operation
 * of openapi.json. Times are not judged because other tests run at the same time.
 */
const REQUESTS = FULL ? 5_400 : 3_600;
/** `npm run check:full` uses another seed each time. */
const SEEDS = FULL ? [1, Math.floor(Math.random() * 2 ** 31)] : [1];

describe('generated requests cause no server fault or undocumented response', () => {
  let app: TestApp;

  beforeEach(async () => {
    app = await startTestApp({ RATE_LIMIT: '1000000' });
  });
  afterEach(() => app.close());

  it.each(SEEDS)(
    'seed %i',
    async (seed) => {
      const report = await fuzz({
        origin: app.origin,
        admin: ADMIN,
        query: (text, parameters) => app.sql.query(text, parameters),
        requests: REQUESTS,
        seed,
        slowMs: Infinity,
        slowHashMs: Infinity,
      });
      if (report.failed)
        throw new Error(`npm run fuzz -- --requests ${REQUESTS} --seed ${seed}\n${report.faultText()}`);
      expect(report.count).toBeGreaterThanOrEqual(REQUESTS);
      // The requests must get past the access checks: every operation was reached, and two fifths succeeded at least once.
      const reached = [...report.rows.values()].filter(({ statuses }) => statuses.size > 0);
      expect(reached).toHaveLength(report.rows.size);
      const succeeded = reached.filter(({ statuses }) => [...statuses.keys()].some((status) => Number(status) < 300));
      // Except for operations that need an identity provider, a payment or a code from a user's phone.
      expect(succeeded.length).toBeGreaterThan(report.rows.size * 0.4);
    },
    120_000,
  );
});

describe('the fuzzer', () => {
  itFull(
    'detects a server with faulty responses',
    async () => {
      const app = await startTestApp({ RATE_LIMIT: '1000000' });
      try {
        // Every change in an organization fails with an unexpected error.
        await app.sql.query(
          `create function fail() returns trigger language plpgsql as $$ begin raise exception 'broken' using errcode = 'XX000'; end $$`,
        );
        const query = async (text: string, parameters?: unknown[]) => {
          const result = await app.sql.query(text, parameters);
          if (/delete from attempts/.test(text)) {
            await app.sql.query(
              `create or replace trigger fail before insert on organization_events for each row
             when (new.type ~ '^(organization|unit|branding|variable|invitation)[.]') execute function fail()`,
            );
          }
          return result;
        };
        const report = await fuzz({
          origin: app.origin,
          admin: ADMIN,
          query,
          requests: 1500,
          seed: 7,
          slowMs: Infinity,
          slowHashMs: Infinity,
        });
        expect([...report.faults.keys()]).toContainEqual(expect.stringMatching(/^status 500 · .*\{orgId\}/));
        expect(report.failed).toBe(true);
      } finally {
        await app.close();
      }
    },
    60_000,
  );
});
