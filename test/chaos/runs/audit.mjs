import { toMicro } from '../journal.mjs';
import { costOf } from './workloads.mjs';

const TIMEOUT_MS = 10_000;
const sumOf = (entries, account) => entries.reduce((sum, entry) => sum + BigInt(entry[account]), 0n);

function groupBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** Compares the runs of one organization with their entries and with what the workloads were told. */
class RunAudit {
  constructor(organization, runs, fault) {
    this.asked = new Map(runs.filter((one) => one.organization === organization).map((one) => [one.name, one]));
    this.fault = (what, detail) => fault(what, `${organization.name}: ${detail}`);
  }

  run({ rows, entries }) {
    const rowsOf = groupBy(rows, ({ name }) => name);
    const entriesOf = groupBy(entries, ({ reference }) => reference);
    const ids = new Set(rows.map(({ id }) => id));
    for (const { reference, seq } of entries) if (!ids.has(reference)) this.fault('an entry of no run', String(seq));
    for (const [name, same] of rowsOf) {
      if (!this.asked.has(name)) this.fault('a run that was never asked for', String(name));
      if (same.length > 1) this.fault('a run started twice', name);
    }
    for (const asked of this.asked.values()) this.checkAnswers(asked, rowsOf.get(asked.name) ?? []);
    for (const row of rows) this.checkRow(row, entriesOf.get(row.id) ?? []);
  }

  /** An answered start exists once, and one that was not answered at most once. */
  checkAnswers({ name, state, id, seconds, stopped, stopAsked, preset }, [row]) {
    if (state === 'started' && row?.id !== id) this.fault('an answered run is missing', name);
    if (state === 'refused' && row) this.fault('a run refused and started', name);
    if (!row) return;
    if (row.settled_seconds < seconds)
      this.fault('a run differs from what was answered', `${name}: ${row.settled_seconds} of ${seconds} seconds`);
    if (stopped) {
      const { charged, stoppedAt, reason } = stopped;
      const same =
        row.settled_seconds === stopped.seconds &&
        BigInt(row.charged) === toMicro(charged) &&
        row.stopped_at?.toISOString() === stoppedAt &&
        row.stop_reason === reason;
      if (!same) this.fault('a run differs from what was answered', `${name}: ${JSON.stringify(stopped)}`);
    }
    if (row.stop_reason === 'stopped' && !stopAsked) this.fault('a run was stopped by no one', name);
    if (BigInt(row.charged) !== costOf(preset, row.settled_seconds)) this.fault('a run with a wrong price', name);
  }

  checkRow(row, entries) {
    const { name, settled_seconds: seconds } = row;
    if (sumOf(entries, 'consumed') !== BigInt(row.charged))
      this.fault('a run differs from its entries', `${name}: ${sumOf(entries, 'consumed')}, not ${row.charged}`);
    this.checkSeconds(
      row,
      entries.filter((entry) => BigInt(entry.consumed) !== 0n),
    );
    if (row.stopped_at === null) return this.fault('a run that never ended', name);
    if (sumOf(entries, 'held') !== 0n) this.fault('credits held for a run that ended', name);
    const lived = row.stopped_at - row.started_at;
    if (seconds * 1000 > lived) this.fault('a run charged beyond its end', `${name}: ${seconds} s of ${lived} ms`);
    const silent = row.stopped_at - row.heartbeat_at;
    if (row.stop_reason === 'lost' ? silent < TIMEOUT_MS - 1_000 : silent > TIMEOUT_MS)
      this.fault('a run ended at the wrong time', `${name}: ${row.stop_reason} after ${silent} ms`);
    return undefined;
  }

  /** Every second is charged by one entry. */
  checkSeconds({ name, settled_seconds: seconds }, charges) {
    const parts = charges.map(({ detail }) => detail).sort((a, b) => a.fromSecond - b.fromSecond);
    let at = 0;
    for (const { fromSecond, toSecond } of parts) {
      if (fromSecond < at) this.fault('a second of a run charged twice', `${name}: ${fromSecond} after ${at}`);
      if (fromSecond > at) this.fault('a second of a run not charged', `${name}: ${at} to ${fromSecond}`);
      at = Math.max(at, toSecond);
    }
    if (parts.length > 0 && at !== seconds) this.fault('a run differs from its entries', `${name}: ${at} seconds`);
  }
}

/** Compares the runs of all organizations with their entries and with what `runs` were told. */
export async function auditRuns({ query, organizations, runs }, fault) {
  for (const organization of organizations.filter((one) => one.runs)) {
    const of = async (text) => (await query(text, [organization.id])).rows;
    const rows = await of('select * from runs where organization_id = $1');
    const entries = await of(`select * from credit_entries where organization_id = $1 and kind = 'run'`);
    new RunAudit(organization, runs, fault).run({ rows, entries });
  }
}
