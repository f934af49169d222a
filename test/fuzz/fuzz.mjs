import { faultsOf, isUndocumented } from './judge.mjs';
import { HASHES, Requests, serialize } from './requests.mjs';
import { Scene } from './scene.mjs';
import { Wire } from './wire.mjs';

/** Requests between two repairs of the scene. */
const HEAL_EVERY = 300;
/** Examples kept per fault. */
const EXAMPLES = 3;

/**
 * Sends `requests` generated requests to the server at `origin` and checks every response.
 *
 * @param {object} options
 * @param {string} options.origin `http://127.0.0.1:…`
 * @param {{email: string, password: string}} options.admin the platform admin, also admin of the operator `demo`
 * @param {(sql: string, parameters?: unknown[]) => Promise<{rows: any[]}>} options.query SQL on the server's database
 * @param {number} options.requests
 * @param {number} options.seed the same seed makes the same requests, except for ids issued by the server
 * @param {number} [options.concurrency]
 * @param {number} [options.slowMs] slower responses are faults; Infinity disables the check
 * @param {number} [options.slowHashMs] the limit for requests that hash a password
 * @param {number} [options.only] sends only the request with this number
 * @param {(line: string) => void} [options.say]
 */
export async function fuzz({
  origin,
  admin,
  query,
  requests,
  seed,
  only,
  concurrency = 8,
  slowMs = 1000,
  slowHashMs = 5000,
  say = () => {},
}) {
  const document = await (await fetch(`${origin}/openapi.json`)).json();
  const scene = new Scene({ origin, admin, query });
  await scene.prepare();
  const generator = new Requests({ document, scene, seed });
  const wire = new Wire(Number(new URL(origin).port));
  const report = new Report(generator.operations, { slowMs, slowHashMs });

  let next = only ?? 0;
  const end = only === undefined ? requests : only + 1;
  let healing = Promise.resolve();
  const worker = async () => {
    while (next < end) {
      const index = next++;
      if (index % HEAL_EVERY === 0) {
        await healing;
        healing = scene.heal();
      }
      const request = generator.make(index);
      const bytes = serialize(request);
      const send = async () => {
        const answer = await wire.send(bytes, { bodyless: request.method === 'HEAD' });
        report.add(request, answer);
        if (answer.status < 300) scene.learn(request, answer);
      };
      await (request.twice ? Promise.all([send(), send()]) : send());
      if ((index + 1) % 5000 === 0) say(`${index + 1} requests, ${report.faults.size} kinds of faults`);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
    await healing;
  } finally {
    wire.close();
  }
  return report;
}

/** Counts responses by route and status, and keeps examples of faults. */
class Report {
  constructor(operations, limits) {
    this.limits = limits;
    this.count = 0;
    this.rows = new Map(
      operations.map(({ method, path }) => [`${method} ${path}`, { statuses: new Map(), slowest: 0, slow: 0 }]),
    );
    /** Rule and route → count and examples. */
    this.faults = new Map();
    this.undocumented = new Map();
  }

  add(request, answer) {
    this.count++;
    const row = this.rows.get(request.route);
    const status = answer.status ?? 'cut';
    row.statuses.set(status, (row.statuses.get(status) ?? 0) + 1);
    row.slowest = Math.max(row.slowest, answer.ms);
    const limit = HASHES.test(request.route) ? this.limits.slowHashMs : this.limits.slowMs;
    const slow = answer.ms > limit;
    if (slow) row.slow++;
    const faults = faultsOf(request, answer);
    for (const fault of faults) this.keep(this.faults, `${fault} · ${request.route}`, request, answer);
    if (slow) this.keep(this.faults, `slower than ${limit} ms · ${request.route}`, request, answer);
    if (isUndocumented(request, answer))
      this.keep(this.undocumented, `${answer.status} · ${request.route}`, request, answer);
  }

  keep(kinds, kind, request, answer) {
    const known = kinds.get(kind) ?? { times: 0, examples: [] };
    known.times++;
    if (known.examples.length < EXAMPLES) known.examples.push(describe(request, answer));
    kinds.set(kind, known);
  }

  get failed() {
    return this.faults.size > 0;
  }

  /** Formats routes with the count of each status and the slowest response. */
  table() {
    const statuses = [...new Set([...this.rows.values()].flatMap((row) => [...row.statuses.keys()]))].sort((a, b) =>
      String(a).localeCompare(b),
    );
    const cells = [...this.rows].map(([route, row]) => [
      route.replace('/t/{operator}/api/v1', '…'),
      ...statuses.map((status) => row.statuses.get(status) ?? ''),
      `${Math.round(row.slowest)} ms`,
    ]);
    const sum = (status) => [...this.rows.values()].reduce((total, row) => total + (row.statuses.get(status) ?? 0), 0);
    const lines = [['route', ...statuses, 'slowest'], ...cells, ['all', ...statuses.map(sum), '']];
    const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
    return lines
      .map((line) =>
        line
          .map((cell, column) => (column ? String(cell).padStart(widths[column]) : cell.padEnd(widths[0])))
          .join('  '),
      )
      .join('\n');
  }

  faultText(kinds = this.faults) {
    return [...kinds]
      .map(([kind, { times, examples }]) => `${kind} (${times} times)\n${examples.map(indented).join('\n')}`)
      .join('\n');
  }
}

const indented = (text) => text.replace(/^/gm, '    ');

/** Describes a request and its response. The seed and the number reproduce the exact bytes. */
function describe(request, answer) {
  const printable = (text, length) =>
    JSON.stringify(text.length > length ? `${text.slice(0, length)}… (${text.length})` : text);
  const headers = request.headers
    .filter(([name]) => !['Host'].includes(name))
    .map(
      ([name, value]) =>
        `${name}: ${name === 'Authorization' && value.length > 200 ? 'Bearer …' : printable(value, 120)}`,
    );
  const lines = [
    `#${request.index} as ${request.actor}${request.bent.length ? `, bent: ${request.bent.join(', ')}` : ''}`,
    `${request.method} ${printable(request.target, 400)}`,
    ...headers,
  ];
  if (request.body) lines.push(`body ${printable(request.body.toString('utf8'), 600)}`);
  const body = answer.body ? printable(answer.body.toString('utf8'), 300) : '';
  lines.push(`→ ${answer.status ?? answer.failure} in ${Math.round(answer.ms)} ms ${body}`);
  return lines.join('\n');
}
