import { toCredits } from '../journal.mjs';
import { moneyOf } from './stripe-books.mjs';

const MICRO = 1_000_000n;
const PRICE_MINOR = 100n;
const sumOf = (list, amountOf) => list.reduce((sum, one) => sum + amountOf(one), 0n);
const ofType = (entries, type) => entries.filter((entry) => entry.type === type);
const amountOf = (entries, type) => sumOf(ofType(entries, type), ({ amount }) => BigInt(amount));

/** Types of the entries that payments make. */
export const PAYMENT_ENTRIES = new Set([
  'grant',
  'claw_back',
  'claw_back_release',
  'dispute',
  'dispute_release',
  'settlement',
]);

function groupBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** Returns the price of credits, rounded up. */
const priceOf = (credits) => (credits * PRICE_MINOR + MICRO - 1n) / MICRO;

/** Returns the state that a top-up must have, given what Stripe says. */
function stateOf({ sessions: [session], payments }, { auto }) {
  const paid = payments.find(({ intent }) => intent.status === 'succeeded');
  if (paid) {
    const { amount, refunded, lost, open, won } = moneyOf(paid);
    if (lost > 0) return 'lost';
    if (open > 0) return 'disputed';
    if (refunded >= amount) return 'refunded';
    if (refunded > 0) return 'partially_refunded';
    return won ? 'won' : 'granted';
  }
  const [payment] = payments;
  if (payment?.intent.status === 'processing') return 'processing';
  const isOver = auto ? payment !== undefined : session?.status !== 'open';
  return isOver ? 'failed' : 'checkout_open';
}

/** Compares the top-ups of one organization with the books of Stripe and with what buyers were told. */
class TopUpAudit {
  constructor(organization, { books, topUps }, fault) {
    this.books = books;
    this.asked = new Map(topUps.filter((one) => one.organization === organization).map((one) => [one.key, one]));
    this.fault = (what, detail) => fault(what, `${organization.name}: ${detail}`);
  }

  run({ rows, entries, receipts }) {
    const entriesOf = groupBy(entries, ({ source_id: id }) => id);
    const receiptsOf = groupBy(receipts, ({ top_up_id: id }) => id);
    const known = new Set(rows.map(({ id }) => id));
    for (const { source_id: id, type, seq } of entries) {
      const isPurchase = type !== 'grant' || id !== null;
      if (type !== 'settlement' && isPurchase && !known.has(id)) this.fault('an entry of no top-up', `${type} ${seq}`);
    }
    for (const row of rows) this.checkRow(row, entriesOf.get(row.id) ?? [], receiptsOf.get(row.id) ?? []);
    this.checkAnswers(rows);
  }

  /** An answered top-up exists once, and one that was not answered at most once. */
  checkAnswers(rows) {
    const ids = new Map(rows.map(({ id, request_key: key }) => [id, key]));
    for (const { key, id } of this.asked.values()) {
      if (id !== null && ids.get(id) !== key) this.fault('an answered top-up is missing', `${key}: ${id}`);
    }
    const made = rows.filter(({ auto }) => !auto);
    for (const { id, request_key: key, credits } of made) {
      const asked = this.asked.get(key);
      if (!asked) this.fault('a top-up that was never asked for', id);
      else if ((asked.id !== null && asked.id !== id) || asked.credits !== BigInt(credits))
        this.fault('a top-up differs from its answer', `${key}: ${id}`);
    }
    if (new Set(made.map((row) => row.request_key)).size !== made.length) this.fault('a top-up was made twice', '');
  }

  checkRow(row, entries, receipts) {
    const said = this.books.of(row.id);
    const paid = said.payments.filter(({ intent }) => intent.status === 'succeeded');
    if (said.sessions.length + (row.auto ? said.payments.length : 0) === 0)
      this.fault('a top-up that Stripe was never asked for', row.id);
    if (said.sessions.length > 1 || paid.length > 1) this.fault('charged twice', row.id);
    if (row.review_opened_at !== null) this.fault('a payment in review', `${row.id}: ${JSON.stringify(row.review)}`);
    const wanted = stateOf(said, row);
    if (row.state !== wanted) this.fault('a top-up in another state', `${row.id} is ${row.state}, not ${wanted}`);
    this.checkGrant(row, paid, ofType(entries, 'grant'));
    this.checkReceipts(row, paid, receipts);
    this.checkReversals(row, paid[0] ? moneyOf(paid[0]) : null, entries);
  }

  checkGrant(row, paid, grants) {
    if (paid.length > 0 && grants.length === 0) this.fault('a payment without its grant', row.id);
    if (grants.length > 1) this.fault('a payment granted twice', row.id);
    if (grants.length > 0 && paid.length === 0) this.fault('credits without a payment', row.id);
    const credits = BigInt(row.credits);
    if (grants.some(({ amount }) => BigInt(amount) !== credits)) this.fault('a grant of another amount', row.id);
    const price = priceOf(credits);
    if (BigInt(row.price_minor) !== price || paid.some(({ intent }) => BigInt(intent.amount) !== price))
      this.fault('a payment of another amount', `${row.id}: ${row.price_minor}, not ${price}`);
  }

  checkReceipts({ id }, paid, receipts) {
    if (paid.length > 0 && receipts.length === 0) this.fault('a payment without its receipt', id);
    if (receipts.length > paid.length) this.fault('receipts without a payment', id);
  }

  /** Credits follow the share of the payment that went back, and are withheld only while a dispute is open. */
  checkReversals(row, money, entries) {
    const { amount = 1, refunded = 0, lost = 0, open = 0 } = money ?? {};
    const credits = BigInt(row.credits);
    const share = (minor) => (credits * BigInt(Math.min(minor, amount))) / BigInt(amount);
    const gone = share(refunded + lost);
    const taken = amountOf(entries, 'claw_back') - amountOf(entries, 'claw_back_release');
    const say = `${row.id}: ${toCredits(taken)} of ${toCredits(gone)}`;
    if (taken < gone) this.fault('a refund or lost dispute that took too little', say);
    if (taken > gone) this.fault('credits taken back that were not paid back', say);
    const frozen = amountOf(entries, 'dispute') - amountOf(entries, 'dispute_release');
    if (frozen < 0n || frozen > share(refunded + lost + open) - gone)
      this.fault('credits withheld without a dispute', `${row.id}: ${toCredits(frozen)}`);
    const stored = [row.clawed_back, row.frozen, row.refunded_minor].map(BigInt);
    if (stored[0] !== taken || stored[1] !== frozen || stored[2] !== BigInt(refunded))
      this.fault('a top-up differs from the ledger', `${row.id}: ${stored.join(', ')}`);
  }
}

/** Checks that the receipts of each operator have the numbers from 1 without a gap. */
async function checkNumbers(query, fault) {
  const { rows } = await query(
    `select operator_id, number from receipts union all select operator_id, null from receipt_counters`,
  );
  const { rows: counters } = await query('select operator_id, last_number from receipt_counters');
  const last = new Map(counters.map((row) => [row.operator_id, Number(row.last_number)]));
  for (const [operator, all] of groupBy(rows, (row) => row.operator_id)) {
    const numbers = all.filter(({ number }) => number !== null).map(({ number }) => Number(number));
    const distinct = new Set(numbers);
    if (distinct.size !== numbers.length) fault('a receipt number given twice', operator);
    for (let number = 1; number <= (last.get(operator) ?? 0); number++) {
      if (!distinct.has(number)) fault('a receipt number is missing', String(number));
    }
    if (numbers.some((number) => number > (last.get(operator) ?? 0)))
      fault('a receipt number beyond the last', operator);
  }
}

/** Compares the payments of all organizations that buy with the books of Stripe. */
export async function auditPayments({ query, organizations, topUps, books }, fault) {
  const buying = organizations.filter(({ buys }) => buys);
  for (const organization of buying) {
    const of = async (text) => (await query(text, [organization.id])).rows;
    const rows = await of('select * from top_ups where organization_id = $1');
    const entries = await of(
      `select e.* from credit_entries e left join credit_keys k on k.organization_id = e.organization_id and k.seq = e.seq
       where e.organization_id = $1 and k.key is null and e.type in ('${[...PAYMENT_ENTRIES].join("', '")}')`,
    );
    const receipts = await of('select * from receipts where organization_id = $1');
    const [{ owed, receivable }] = await of('select owed, receivable from credit_accounts where organization_id = $1');
    if (BigInt(owed) !== -BigInt(receivable)) fault('a debt differs from the entries', organization.name);
    new TopUpAudit(organization, { books, topUps }, fault).run({ rows, entries, receipts });
    const ids = new Set(rows.map(({ id }) => id));
    for (const { intent } of books.payments.values()) {
      const { organizationId, topUpId } = intent.metadata;
      if (organizationId === organization.id && !ids.has(topUpId)) fault('a payment of no top-up', intent.id);
    }
  }
  if (buying.length > 0) await checkNumbers(query, fault);
}
