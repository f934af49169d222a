import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { startTestApp, type TestApp } from './support/test-app.js';

interface Dashboard {
  panels: { title: string; targets?: { expr: string }[] }[];
  templating: { list: { query: string | { query: string } }[] };
}
interface Rules {
  groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
}

const dashboard = JSON.parse(readFileSync('deploy/grafana/trellis.json', 'utf8')) as Dashboard;
const { groups } = parse(readFileSync('deploy/prometheus/trellis.rules.yml', 'utf8')) as Rules;
const rules = groups.flatMap((group) => group.rules);

/** Grafana puts its variables in before it asks. */
const filledIn = (expr: string): string => expr.replaceAll('$__rate_interval', '1m');

/** The metrics an expression names. Throws where it is no PromQL. */
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

let app: TestApp;
let exported: Set<string>;

beforeAll(async () => {
  app = await startTestApp();
  // A histogram with labels shows its series from the first observation on.
  await fetch(`${app.origin}/healthz`);
  const text = await (await fetch(`${app.origin}/metrics`)).text();
  exported = new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
});

afterAll(() => app.close());

const panels = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

it.each(panels)('the panel "$title" asks for what is exported', ({ expr }) => {
  const names = metricsOf(filledIn(expr));
  expect(names).not.toHaveLength(0);
  expect(names.filter((name) => !exported.has(name))).toEqual([]);
});

it.each(rules)('the alert $alert asks for what is exported, and says what to do', ({ expr, annotations }) => {
  const names = metricsOf(expr);
  expect(names).not.toHaveLength(0);
  expect(names.filter((name) => !exported.has(name))).toEqual([]);
  expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
});

it('the choices of the dashboard come from what is exported', () => {
  const queries = dashboard.templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query]));
  expect(queries).toHaveLength(2);
  for (const query of queries) expect(exported).toContain(/label_values\((\w+)/.exec(query)?.[1]);
});

it('what the product itself counts is on the dashboard or alerted on', () => {
  const used = new Set([...panels, ...rules].flatMap(({ expr }) => metricsOf(filledIn(expr))));
  const missing = [...exported].filter(
    (name) => name.startsWith('trellis_') && !/_(?:bucket|sum|count)$/.test(name) && !used.has(name),
  );
  expect(missing).toEqual([]);
});

it('would notice a metric that does not exist, and what is no PromQL', () => {
  expect(metricsOf('sum(rate(trellis_nothing_total[5m]))').filter((name) => !exported.has(name))).toEqual([
    'trellis_nothing_total',
  ]);
  expect(() => metricsOf('sum(rate(x[5m])')).toThrow('not PromQL');
});
