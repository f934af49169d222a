import { isDeepStrictEqual } from 'node:util';

const ONE = 1_000_000n;

export function toMicro(text) {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  const micro = BigInt(whole) * ONE + BigInt(fraction.padEnd(6, '0'));
  return sign ? -micro : micro;
}

export function toCredits(micro) {
  const size = micro < 0n ? -micro : micro;
  const fraction = String(size % ONE)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${micro < 0n ? '-' : ''}${size / ONE}${fraction && `.${fraction}`}`;
}

/** Fields that may differ between two responses to one key. */
const PASSING = new Set(['requestId', 'replayed', 'idempotencyKey', 'type', 'title', 'instance']);

/** Reduces a response to what must be the same each time it is returned, alone or in a batch. */
export const essence = (status, body) =>
  JSON.parse(JSON.stringify({ ...body, status }, (field, value) => (PASSING.has(field) ? undefined : value)));

/**
 * Records what clients requested and which responses they received. The audit compares the ledger with this alone. An
 * operation is `done`, `refused` (by the ledger, permanently) or `open` (unknown).
 */
export class Journal {
  operations = [];
  byKey = new Map();
  faults = new Map();
  retries = 0;
  lost = 0;
  unavailable = 0;
  replays = 0;

  /** @param {string} name part of every key, so that no two journals share one */
  constructor(name) {
    this.name = name;
  }

  /** Adds an operation before it is requested: `{kind, organization, path, body, amount, …}`. */
  add(operation) {
    const id = `${this.name}-${this.operations.length}`;
    const added = { id, key: `key-${id}`, state: 'open', answer: null, ...operation };
    this.operations.push(added);
    this.byKey.set(added.key, added);
    return added;
  }

  fault(what, detail) {
    const found = this.faults.get(what) ?? [];
    found.push(detail);
    this.faults.set(what, found);
  }

  /** Waits for a part of the load. One that breaks off is a fault, and the others go on. */
  watch(work) {
    return work.catch((error) => this.fault('a part of the load broke off', error.stack));
  }

  /** Records the response to an operation. */
  note(operation, status, body, replayed) {
    const answer = essence(status, body);
    if (replayed) this.replays++;
    if (operation.answer) {
      if (!isDeepStrictEqual(operation.answer, answer)) {
        this.fault(
          'one key, two answers',
          `${operation.key}: ${JSON.stringify(operation.answer)} and ${JSON.stringify(answer)}`,
        );
      }
      return;
    }
    operation.answer = answer;
    operation.state = status < 300 ? 'done' : 'refused';
    if (operation.state === 'refused') this.checkRefusal(operation);
  }

  checkRefusal({ key, kind, amount, answer, organization }) {
    const expected = {
      'billing.insufficient_credits': () => toMicro(answer.shortfall) > 0n && toMicro(answer.available) < amount,
      'billing.limit_exceeded': () => organization.limit !== undefined,
      // More of a payment went back than credits were left.
      'billing.frozen': () => organization.buys === true,
      'billing.hold_resolved': () => kind === 'capture' || kind === 'void',
      'billing.capture_exceeds_hold': () => kind === 'capture',
      'billing.refund_exceeds_charge': () => kind === 'refund',
    }[answer.code];
    if (!expected?.()) this.fault('refused for no reason', `${key}: ${JSON.stringify(answer)}`);
  }

  /** Counts the operations done, by kind. */
  kinds() {
    const kinds = {};
    for (const { kind, state } of this.operations) if (state === 'done') kinds[kind] = (kinds[kind] ?? 0) + 1;
    return kinds;
  }

  count(state) {
    return this.operations.filter((operation) => operation.state === state).length;
  }
}
