import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { startTestApp, type TestApp } from './support/test-app.js';

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}
interface Dashboard {
  uid: string;
  schemaVersion: number;
  panels: {
    id: number;
    title: string;
    type: string;
    gridPos: Place;
    datasource?: { uid: string };
    targets?: { expr: string; refId: string; datasource?: { uid: string } }[];
  }[];
  templating: { list: { name: string; type: string; query: string | { query: string } }[] };
}
interface Rules {
  groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
}

const dashboard = JSON.parse(readFileSync('deploy/grafana/trellis.json', 'utf8')) as Dashboard;
const { groups } = parse(readFileSync('deploy/prometheus/trellis.rules.yml', 'utf8')) as Rules;
const rules = groups.flatMap((group) => group.rules);

/** Grafana replaces its variables before the query. */
const filledIn = (expr: string): string => expr.replaceAll('$__rate_interval', '1m');

/** Returns the metrics of an expression. Throws if it is not valid PromQL. */
function metricsOf(expr: string): string[] {
  const names: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${expr}`);
      if (type.name === 'Identifier') names.push(expr.slice(from, to));
    },
  });
  return names;
}

const TOKEN = 'a token for metrics in tests';
let app: TestApp;
let exported: Set<string>;

beforeAll(async () => {
  app = await startTestApp({ METRICS_TOKEN: TOKEN });
  // A histogram with labels shows its series from the first observation on.
  await fetch(`${app.origin}/healthz`);
  const text = await (await fetch(`${app.origin}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
  exported = new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
});

afterAll(() => app.close());

const panels = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

it.each(panels)('the panel "$title" queries exported metrics', ({ expr }) => {
  const names = metricsOf(filledIn(expr));
  expect(names).not.toHaveLength(0);
  expect(names.filter((name) => !exported.has(name))).toEqual([]);
});

it.each(rules)('the alert $alert queries exported metrics, and has instructions', ({ expr, annotations }) => {
  const names = metricsOf(expr);
  expect(names).not.toHaveLength(0);
  expect(names.filter((name) => !exported.has(name))).toEqual([]);
  expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
});

it('the variables of the dashboard come from exported metrics', () => {
  const queries = dashboard.templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query]));
  expect(queries).toHaveLength(2);
  for (const query of queries) expect(exported).toContain(/label_values\((\w+)/.exec(query)?.[1]);
});

it('all metrics of the product are on the dashboard or in an alert', () => {
  const used = new Set([...panels, ...rules].flatMap(({ expr }) => metricsOf(filledIn(expr))));
  const missing = [...exported].filter(
    (name) => name.startsWith('trellis_') && !/_(?:bucket|sum|count)$/.test(name) && !used.has(name),
  );
  expect(missing).toEqual([]);
});

it('the dashboard can be imported into Grafana with any data source', () => {
  const { uid, schemaVersion, templating } = dashboard;
  expect(uid).toMatch(/^[\w-]{1,40}$/);
  expect(schemaVersion).toBeGreaterThanOrEqual(36);
  const source = templating.list.find(({ type }) => type === 'datasource');
  expect(source).toMatchObject({ query: 'prometheus' });
  const sources = dashboard.panels.flatMap(({ datasource, targets = [] }) =>
    targets.map((target) => (target.datasource ?? datasource)?.uid),
  );
  expect(new Set(sources)).toEqual(new Set([`\${${source?.name}}`]));
  const variables = new Set([...templating.list.map(({ name }) => name), '__rate_interval', '__all']);
  const named = [...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !variables.has(name))).toEqual([]);
  const ids = dashboard.panels.map(({ id }) => id);
  expect(ids.every((id) => Number.isInteger(id) && id > 0)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { targets = [] } of dashboard.panels) {
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  }
  const places = dashboard.panels.map(({ gridPos }) => gridPos);
  const apart = (a: Place, b: Place) => a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
  for (const [index, one] of places.entries()) {
    expect(one.x >= 0 && one.w > 0 && one.h > 0 && one.x + one.w <= 24).toBe(true);
    expect(places.slice(index + 1).filter((other) => !apart(one, other))).toEqual([]);
  }
});

it('the check detects unknown metrics and invalid PromQL', () => {
  expect(metricsOf('sum(rate(trellis_nothing_total[5m]))').filter((name) => !exported.has(name))).toEqual([
    'trellis_nothing_total',
  ]);
  expect(() => metricsOf('sum(rate(x[5m])')).toThrow('not PromQL');
});
