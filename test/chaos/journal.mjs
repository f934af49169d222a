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

/** What differs between two answers to one key without meaning anything: how it was asked. */
const PASSING = new Set(['requestId', 'replayed', 'idempotencyKey', 'type', 'title', 'instance']);

/** An answer as it is to be the same whenever it is given, on its own or as one of a batch. */
export const essence = (status, body) =>
  JSON.parse(JSON.stringify({ ...body, status }, (field, value) => (PASSING.has(field) ? undefined : value)));

/**
 * What clients asked for and what they were told: the only thing the books are held against. An operation is `done`,
 * `refused` (in the ledger's own words, for ever) or `open`: nobody knows.
 */
export class Journal {
  operations = [];
  byKey = new Map();
  faults = new Map();
  retries = 0;
  lost = 0;
  unavailable = 0;
  replays = 0;

  /** @param {string} name stands in every key, so that no two journals share one */
  constructor(name) {
    this.name = name;
  }

  /** An operation about to be asked for: `{kind, organization, path, body, amount, …}`. */
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

  /** An operation was answered. */
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
      'billing.hold_resolved': () => kind === 'capture' || kind === 'void',
      'billing.capture_exceeds_hold': () => kind === 'capture',
      'billing.refund_exceeds_charge': () => kind === 'refund',
    }[answer.code];
    if (!expected?.()) this.fault('refused for no reason', `${key}: ${JSON.stringify(answer)}`);
  }

  /** How many of each kind were done. */
  kinds() {
    const kinds = {};
    for (const { kind, state } of this.operations) if (state === 'done') kinds[kind] = (kinds[kind] ?? 0) + 1;
    return kinds;
  }

  count(state) {
    return this.operations.filter((operation) => operation.state === state).length;
  }
}
