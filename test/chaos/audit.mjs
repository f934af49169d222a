import { toCredits, toMicro } from './journal.mjs';
import { auditPayments, PAYMENT_ENTRIES } from './payments/audit.mjs';
import { auditRuns } from './runs/audit.mjs';

const ACCOUNTS = ['available', 'held', 'consumed', 'external', 'promo', 'plan', 'expired', 'adjustment', 'receivable'];
const SOURCE = { plan: 'plan', promo: 'promo', paid: 'external' };
const AT_ONCE = 5000;

/** Returns what an operation does to the accounts, derived from the request alone. */
function postingsOf({ kind, amount, category, hold }) {
  switch (kind) {
    case 'grant':
      return { [SOURCE[category]]: -amount, available: amount };
    case 'charge':
      return { available: -amount, consumed: amount };
    case 'hold':
      return { available: -amount, held: amount };
    case 'capture':
      return { held: -hold.amount, consumed: amount, available: hold.amount - amount };
    case 'void':
      return { held: -amount, available: amount };
    case 'refund':
      return { consumed: -amount, available: amount };
    default:
      throw new Error(`no such operation: ${kind}`);
  }
}

/** Returns the entry named by a response and the balances in it. */
function answerOf({ kind, answer }) {
  const { id, balance, held, charge } = answer;
  if (kind === 'hold' || kind === 'void') return { source: id, balance, held };
  return kind === 'capture' ? { source: id, entry: charge.id, balance, held } : { entry: id, balance };
}

/** Yields the rows of one organization in a table, read in pages. */
async function* rowsOf(query, table, order, organizationId) {
  for (let after = null; ;) {
    const { rows } = await query(
      `select * from ${table} where organization_id = $1 ${after === null ? '' : `and ${order} > $2`} order by ${order} limit ${AT_ONCE}`,
      after === null ? [organizationId] : [organizationId, after],
    );
    yield* rows;
    if (rows.length < AT_ONCE) return;
    after = rows.at(-1)[order];
  }
}

/** Audits the ledger of one organization entry by entry and compares it with the journal. */
class LedgerAudit {
  constructor(organization, journal, fault) {
    this.organization = organization;
    this.journal = journal;
    this.fault = (what, detail) => fault(what, `${organization.name}: ${detail}`);
    this.seq = 0n;
    this.balances = Object.fromEntries(ACCOUNTS.map((account) => [account, 0n]));
    this.lots = new Map();
    this.keyOf = new Map();
    this.entryOf = new Map();
    this.resolved = new Map();
    /** What entries moved that no client asked for, by account. */
    this.moved = Object.fromEntries(ACCOUNTS.map((account) => [account, 0n]));
    this.last = null;
  }

  async run(query) {
    const { id } = this.organization;
    const { rows } = await query('select * from credit_accounts where organization_id = $1', [id]);
    this.account = rows[0];
    for await (const key of rowsOf(query, 'credit_keys', 'key', id)) this.readKey(key);
    for await (const entry of rowsOf(query, 'credit_entries', 'seq', id)) this.readEntry(entry);
    this.checkOperations();
    this.checkAccount();
    await this.checkLots(query);
  }

  readKey({ key: stored, seq, status }) {
    // The kind of operation, which charges do not have, stands before a line break.
    const key = stored.slice(stored.indexOf('\n') + 1);
    // Compared with the runs.
    if (this.organization.runs && stored.startsWith('run\n')) return;
    const operation = this.journal.byKey.get(key);
    if (operation) operation.stored = status;
    else this.fault('a key that was never sent', key);
    if (seq === null) return;
    if (this.keyOf.has(seq)) this.fault('two keys, one entry', `${key} and ${this.keyOf.get(seq)}`);
    this.keyOf.set(seq, key);
  }

  readEntry(entry) {
    const name = `entry ${entry.seq}`;
    const postings = ACCOUNTS.map((account) => BigInt(entry[account]));
    if (BigInt(entry.seq) !== this.seq + 1n) this.fault('entries are missing', `${entry.seq} follows ${this.seq}`);
    this.seq = BigInt(entry.seq);
    if (postings.reduce((sum, amount) => sum + amount, 0n) !== 0n) this.fault('an entry does not sum to zero', name);
    if (BigInt(entry.amount) <= 0n) this.fault('an entry moves nothing', name);
    ACCOUNTS.forEach((account, index) => (this.balances[account] += postings[index]));
    for (const account of ['available', 'held', 'consumed']) {
      const said = BigInt(entry[`${account}_after`]);
      if (said !== this.balances[account])
        this.fault(
          'an entry with a wrong running balance',
          `${name}: ${account} ${said}, not ${this.balances[account]}`,
        );
    }
    if (this.balances.available < -BigInt(this.account.overdraft_limit)) this.fault('below the limit', name);
    const { limit } = this.organization;
    if (limit !== undefined && this.balances.consumed + this.balances.held > limit) this.fault('above the limit', name);
    if (this.balances.held < 0n) this.fault('a negative held balance', name);
    this.applyLots(entry, name);
    this.match(entry, name);
  }

  applyLots({ lots, settled }, name) {
    for (const [id, remaining, reserved] of [...lots, ...(settled ?? [])]) {
      const lot = this.lots.get(id) ?? { remaining: 0n, reserved: 0n };
      lot.remaining += BigInt(remaining);
      lot.reserved += BigInt(reserved);
      if (lot.remaining < 0n || lot.reserved < 0n || lot.reserved > lot.remaining)
        this.fault('a lot gives more than it has', `${name}: ${id}`);
      this.lots.set(id, lot);
    }
  }

  /** Matches an entry with its operation, by its key and again by the reference the client wrote into it. */
  match(entry, name) {
    const key = this.keyOf.get(entry.seq);
    // A response states the balance after what it settled of a debt.
    if (entry.type === 'settlement' && entry.source_id === this.last?.id)
      this.last.available_after = entry.available_after;
    this.last = entry;
    const isPayment = key === undefined && this.organization.buys && PAYMENT_ENTRIES.has(entry.type);
    if (isPayment || (this.organization.runs && entry.kind === 'run')) {
      // Compared with the payments and the runs.
      for (const account of ACCOUNTS) this.moved[account] += BigInt(entry[account]);
      return;
    }
    const operation = this.journal.byKey.get(key);
    if (!operation || operation.organization !== this.organization) {
      this.fault('an entry that was never requested', name);
      return;
    }
    this.keyOf.delete(entry.seq);
    this.entryOf.set(operation, entry);
    if (entry.type !== operation.kind) this.fault('an entry of another kind', `${name}: ${entry.type} for ${key}`);
    const wanted = postingsOf(operation);
    if (ACCOUNTS.some((account) => BigInt(entry[account]) !== (wanted[account] ?? 0n)))
      this.fault('an entry differs from its request', `${name}, ${key}`);
    const mark = entry.type === 'charge' || entry.type === 'hold' ? entry.reference : entry.detail?.reason;
    if (mark !== undefined) this.once('done twice', mark, name, operation.id);
    if (BigInt(entry.held) < 0n) this.once('a hold resolved twice', entry.source_id, name, operation.hold?.answer.id);
  }

  once(what, mark, name, expected) {
    if (mark !== expected) this.fault('an entry for something else', `${name}: ${mark}, not ${expected}`);
    if (this.resolved.has(mark)) this.fault(what, `${mark}: ${this.resolved.get(mark)} and ${name}`);
    this.resolved.set(mark, name);
  }

  checkOperations() {
    if (this.keyOf.size > 0) this.fault('keys without their entries', [...this.keyOf.values()].slice(0, 5).join(', '));
    const expected = { ...this.moved };
    const refunded = new Map();
    for (const operation of this.journal.operations) {
      if (operation.organization !== this.organization) continue;
      const entry = this.entryOf.get(operation);
      this.checkOperation(operation, entry);
      if (operation.state === 'refused' || (operation.state === 'open' && !entry)) continue;
      for (const [account, amount] of Object.entries(postingsOf(operation))) expected[account] += amount;
      if (operation.kind === 'refund') {
        const sum = (refunded.get(operation.charge) ?? 0n) + operation.amount;
        refunded.set(operation.charge, sum);
        if (sum > operation.charge.amount) this.fault('more refunded than charged', operation.charge.id);
      }
    }
    for (const account of ACCOUNTS) {
      const stored = BigInt(this.account[account]);
      if (stored !== expected[account])
        this.fault(
          'a balance does not match the operations',
          `${account} ${toCredits(stored)}, not ${toCredits(expected[account])}`,
        );
    }
  }

  checkOperation(operation, entry) {
    const { key, state, answer, stored } = operation;
    if (state === 'done' && !entry) this.fault('acknowledged and lost', `${operation.kind} ${key}`);
    if (state === 'refused' && entry) this.fault('refused and done', `${operation.kind} ${key}`);
    if (state !== 'open' && stored !== answer.status) this.fault('a key with another answer', `${key}: ${stored}`);
    if (state === 'open' && (stored !== undefined && stored < 400) !== (entry !== undefined))
      this.fault('half done', `${operation.kind} ${key}`);
    if (state === 'done' && entry) this.checkAnswer(operation, entry);
  }

  checkAnswer(operation, entry) {
    const said = answerOf(operation);
    const wrong =
      (said.entry !== undefined && said.entry !== entry.id) ||
      (said.source !== undefined && said.source !== entry.source_id) ||
      toMicro(said.balance) !== BigInt(entry.available_after) ||
      (said.held !== undefined && toMicro(said.held) !== BigInt(entry.held_after));
    if (wrong)
      this.fault('a response that does not match its entry', `${operation.key}: ${JSON.stringify(operation.answer)}`);
  }

  checkAccount() {
    for (const account of ACCOUNTS) {
      const stored = BigInt(this.account[account]);
      if (stored !== this.balances[account])
        this.fault(
          'a balance is not the sum of its entries',
          `${account} ${toCredits(stored)}, not ${toCredits(this.balances[account])}`,
        );
    }
    if (BigInt(this.account.seq) !== this.seq)
      this.fault('entries are missing', `the last is ${this.seq}, not ${this.account.seq}`);
  }

  async checkLots(query) {
    const { rows } = await query('select * from credit_lots where organization_id = $1', [this.organization.id]);
    let sum = 0n;
    for (const { id, remaining, reserved } of rows) {
      const lot = this.lots.get(id);
      sum += BigInt(remaining);
      if (!lot || lot.remaining !== BigInt(remaining) || lot.reserved !== BigInt(reserved))
        this.fault('a lot does not match the entries', id);
    }
    if (rows.length !== this.lots.size) this.fault('lots are missing', `${rows.length} of ${this.lots.size}`);
    const owned = BigInt(this.account.available) + BigInt(this.account.held);
    if (BigInt(this.account.available) >= 0n && sum !== owned)
      this.fault('lots do not match the available and held balances', `${toCredits(sum)}, not ${toCredits(owned)}`);
  }
}

/**
 * Audits all organizations and returns a list of details for each kind of fault. With `payments`, also compares what was
 * bought with `{topUps, books}`, and with `runs` what workloads were charged with what they were told. Call it in a transaction with one snapshot, because jobs move credits meanwhile.
 */
export async function auditRead({ query, journal, organizations, payments = null, runs = null }) {
  const faults = new Map();
  const fault = (what, detail) => faults.set(what, [...(faults.get(what) ?? []), detail]);
  for (const organization of organizations) {
    for (const operation of journal.operations) if (operation.organization === organization) delete operation.stored;
    await new LedgerAudit(organization, journal, fault).run(query);
  }
  if (payments) await auditPayments({ query, organizations, ...payments }, fault);
  if (runs) await auditRuns({ query, organizations, runs }, fault);
  return faults;
}

/** Audits a snapshot of what is committed. */
export async function auditLedger(scene) {
  await scene.query('begin isolation level repeatable read read only');
  try {
    return await auditRead(scene);
  } finally {
    await scene.query('rollback');
  }
}

/** Returns what the product reports about its own ledger: each server's proof, limits and `verify-ledger`. */
export async function productFaults({ cluster, organizations }) {
  const faults = [];
  await cluster.staySignedIn();
  for (const { name, path, limitsPath, limit } of organizations) {
    if (limit !== undefined) {
      const [{ body: credits }, { body }] = await Promise.all(
        [path, limitsPath].map((one) => cluster.ask({ method: 'GET', path: one })),
      );
      const used = toMicro(credits.consumed) + toMicro(credits.held);
      if (toMicro(body.limits[0].used) !== used)
        faults.push(`${name}: ${body.limits[0].used} used, not ${toCredits(used)}`);
    }
    for (const replica of cluster.replicas) {
      const { authorization } = cluster;
      const { status, body } = await replica.send({ method: 'GET', path: `${path}/proof`, headers: { authorization } });
      if (status === 200 && body.valid === true) continue;
      const broken = body.checks?.filter(({ holds }) => !holds).map((check) => check.name) ?? [status];
      faults.push(`${name}: ${broken.join('; ')}`);
    }
  }
  const { code, output } = await cluster.ops('verify-ledger');
  if (code !== 0) faults.push(`verify-ledger: ${output.trim().slice(-500)}`);
  return faults;
}
