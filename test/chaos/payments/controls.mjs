import { setTimeout as sleep } from 'node:timers/promises';
import { audited, plantInTables } from '../planted.mjs';
import { Buyers } from './buyers.mjs';

const BOUGHT = 4;
/** Stripe dates events by the second. */
const APART_MS = 2_100;

/** Buys credits, refunds a part of one payment, and loses a dispute about another. Returns what the audit compares. */
async function buy(scene, stripe, seed) {
  const { books } = stripe;
  const buyers = new Buyers(scene.workload, stripe, seed);
  stripe.connect(scene.cluster, scene.journal);
  const payments = [];
  for (let index = 0; index < BOUGHT; index++) {
    const topUp = buyers.topUpOf(buyers.organizations[0]);
    await buyers.order(topUp, true);
    const [session] = books.of(topUp.id).sessions;
    payments.push(books.beginCheckout(session));
    books.pay(payments[index]);
  }
  const [refunded, disputed] = payments;
  await sleep(APART_MS);
  books.refund(refunded, Math.ceil(refunded.intent.amount / 3));
  books.dispute(disputed, disputed.intent.amount);
  await sleep(APART_MS);
  books.closeDispute(disputed, disputed.disputes[0], false);
  await buyers.settle();
  return { topUps: buyers.topUps, books, payments };
}

const entryOf = (type) => `organization_id = (select organization_id from top_ups where id = $1) and type = '${type}'
  and source_id = $1`;

/** Faults in the tables: `[name, expected, statement]`, each about the top-up $1. */
const IN_TABLES = [
  [
    'a payment without its grant',
    'a payment without its grant',
    `delete from credit_entries where ${entryOf('grant')}`,
  ],
  [
    'a payment granted twice',
    'a payment granted twice',
    `insert into credit_entries select e.* from credit_entries g,
       lateral json_populate_record(g, json_build_object('id', gen_random_uuid(), 'seq', g.seq + 1000000)) e
     where g.${entryOf('grant').replaceAll(' and ', ' and g.')}`,
  ],
  [
    'a refund that took nothing back',
    'a refund or lost dispute that took too little',
    `delete from credit_entries where ${entryOf('claw_back')}`,
  ],
  [
    'credits withheld without a dispute',
    'credits withheld without a dispute',
    `update credit_entries set type = 'dispute' where ${entryOf('claw_back')}`,
  ],
  ['a receipt number missing', 'a receipt number is missing', 'delete from receipts where top_up_id = $1'],
  [
    'a receipt number given twice',
    'a receipt number given twice',
    'update receipts set number = number - 1 where top_up_id = $1',
  ],
  ['a top-up in another state', 'a top-up in another state', `update top_ups set state = 'granted' where id = $1`],
  ['an answered top-up missing', 'an answered top-up is missing', 'delete from top_ups where id = $1'],
];

/** Faults in what the servers learned: each changes the books of Stripe behind their back, and returns how to undo it. */
const IN_BOOKS = [
  [
    'a refund that was never reported',
    'a refund or lost dispute that took too little',
    (books, payment) => {
      payment.refunds.push(books.claim('re', payment, { amount: 1, status: 'succeeded' }));
      return () => payment.refunds.pop();
    },
  ],
  [
    'a lost dispute that was never reported',
    'a refund or lost dispute that took too little',
    (books, payment) => {
      payment.disputes.push(books.claim('dp', payment, { amount: 1, status: 'lost' }));
      return () => payment.disputes.pop();
    },
  ],
  [
    'credits for a payment that never came',
    'credits without a payment',
    (_, { intent }) => {
      intent.status = 'processing';
      return () => (intent.status = 'succeeded');
    },
  ],
  [
    'a payer charged twice',
    'charged twice',
    (books, { intent }) => {
      const { intent: second } = books.begin({ ...intent, metadata: intent.metadata });
      second.status = 'succeeded';
      return () => books.payments.delete(second.id);
    },
  ],
];

/** Plants faults in payments that were correct before. Calls `add` with what the audit found about each. */
export async function paymentControls(scene, stripe, seed, add) {
  const { payments, ...bought } = await buy(scene, stripe, seed);
  const compared = { payments: bought };
  const before = await audited(scene, compared, () => undefined);
  if (before.size > 0) throw new Error(`the audit reports faults in correct payments: ${JSON.stringify([...before])}`);
  const [refunded, , intact] = payments;
  await plantInTables(scene, compared, refunded.intent.metadata.topUpId, IN_TABLES, add);
  for (const [name, expected, plant] of IN_BOOKS) {
    const undo = plant(stripe.books, intact);
    add(name, { expected, found: await audited(scene, compared, () => undefined) });
    undo();
  }
}
