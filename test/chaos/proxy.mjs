import { once } from 'node:events';
import net from 'node:net';

const QUERY = 0x51;
const PARSE = 0x50;
const COMMAND_COMPLETE = 0x43;

/** Splits PostgreSQL's protocol into messages: one byte for the kind, four for the length, then the payload. */
class Messages {
  rest = Buffer.alloc(0);

  /** @param {boolean} greeted whether the first message, which has no kind, has passed */
  constructor(greeted) {
    this.greeted = greeted;
  }

  /** Yields the complete messages received so far: `[kind, bytes]`. */
  *read(chunk) {
    let bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    for (;;) {
      const head = this.greeted ? 1 : 0;
      if (bytes.length < head + 4) break;
      const length = head + bytes.readInt32BE(head);
      if (bytes.length < length) break;
      const message = bytes.subarray(0, length);
      bytes = bytes.subarray(length);
      yield [this.greeted ? message[0] : null, message];
      this.greeted = true;
    }
    this.rest = bytes;
  }
}

/** Returns the offset of the SQL in a message. */
const sqlStart = (kind, message) => (kind === QUERY ? 5 : message.indexOf(0, 5) + 1);

function isCommit(kind, message) {
  if (kind !== QUERY && kind !== PARSE) return false;
  const start = sqlStart(kind, message);
  return message.length < 64 && /^\s*commit\s*;?\0/i.test(message.toString('latin1', start));
}

const tagOf = (message) => message.toString('latin1', 5, message.length - 1);

/** Replaces the text of a message from `start` on. */
function rewritten(message, start, text) {
  const changed = Buffer.concat([message.subarray(0, start), Buffer.from(text, 'latin1')]);
  changed.writeInt32BE(changed.length - 1, 1);
  return changed;
}

/**
 * Sits between a server and PostgreSQL and decides what happens to each COMMIT. `fate` returns one of
 * - `pass`: forwards it;
 * - `before`: cuts the connection before PostgreSQL receives it, so nothing is committed;
 * - `after`: cuts the connection after the commit, before the server learns of it;
 * - `within`: like `after`, but half of the response gets through;
 * - `lie`: makes PostgreSQL roll back and tells the server that it committed.
 */
export class Proxy {
  fate = () => 'pass';
  counts = { before: 0, after: 0, within: 0, lie: 0 };
  port = 0;
  held = null;
  pairs = new Set();

  /** @param {() => number} target returns the port of PostgreSQL, which may change */
  constructor(target) {
    this.target = target;
    this.server = net.createServer((client) => this.join(client));
  }

  async listen() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
  }

  close() {
    this.server.close();
    for (const cut of this.pairs) cut();
  }

  /** Holds back PostgreSQL's responses until `release`. */
  hold() {
    this.held ??= [];
  }

  release() {
    const waiting = this.held ?? [];
    this.held = null;
    for (const deliver of waiting) deliver();
  }

  join(client) {
    const upstream = net.connect({ host: '127.0.0.1', port: this.target(), noDelay: true });
    client.setNoDelay(true);
    const cut = () => {
      this.pairs.delete(cut);
      client.destroy();
      upstream.destroy();
    };
    this.pairs.add(cut);
    // Whatever PostgreSQL sent before it closed the connection still goes through, such as a refusal.
    upstream.on('end', () => this.deliver(() => client.end()));
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.on('close', cut);
    upstream.on('close', () => this.deliver(() => setImmediate(cut)));

    const connection = { cut, next: 'pass' };
    const asked = new Messages(false);
    client.on('data', (chunk) => {
      for (const [kind, message] of asked.read(chunk)) this.ask(connection, upstream, kind, message);
    });
    const answered = new Messages(true);
    upstream.on('data', (chunk) => {
      for (const [kind, message] of answered.read(chunk)) this.answer(connection, client, kind, message);
    });
  }

  ask(connection, upstream, kind, message) {
    if (upstream.destroyed) return;
    if (!isCommit(kind, message)) {
      upstream.write(message);
      return;
    }
    const fate = this.fate();
    if (fate === 'before') {
      this.counts.before++;
      connection.cut();
      return;
    }
    connection.next = fate;
    upstream.write(fate === 'lie' ? rewritten(message, sqlStart(kind, message), endOf(kind, message)) : message);
  }

  answer(connection, client, kind, message) {
    const { next } = connection;
    if (next === 'cut') return;
    const tag = kind === COMMAND_COMPLETE ? tagOf(message) : '';
    if (next === 'lie' && tag === 'ROLLBACK') {
      this.counts.lie++;
      connection.next = 'pass';
      return this.pass(client, rewritten(message, 5, 'COMMIT\0'));
    }
    if (next === 'pass' || next === 'lie' || tag !== 'COMMIT') return this.pass(client, message);
    this.counts[next]++;
    connection.next = 'cut';
    if (next === 'within') this.pass(client, message.subarray(0, 7));
    this.deliver(() => setImmediate(() => connection.cut()));
  }

  pass(client, bytes) {
    this.deliver(() => {
      if (client.writable) client.write(bytes);
    });
  }

  deliver(work) {
    if (this.held) this.held.push(work);
    else work();
  }
}

/** Returns `rollback` in place of `commit`, with the rest of the message. */
function endOf(kind, message) {
  const start = sqlStart(kind, message);
  return `rollback${message.toString('latin1', message.indexOf(0, start))}`;
}
