import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import pg from 'pg';

const QUERY = 0x51;
const PARSE = 0x50;
/** Parse, Bind, Describe, Execute and Close, which are followed by Sync. */
const UNFINISHED = new Set([PARSE, 0x42, 0x44, 0x45, 0x43]);

/** Splits what a client sends to PostgreSQL into steps: all messages up to one that PostgreSQL responds to. */
class Steps {
  private greeted = false;
  private rest = Buffer.alloc(0);
  private step: Buffer[] = [];
  private sql = '';

  *read(chunk: Buffer): Generator<{ bytes: Buffer; sql: string }> {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      // The first message of a connection has no kind.
      const head = this.greeted ? 1 : 0;
      if (this.rest.length < head + 4) return;
      const length = head + this.rest.readInt32BE(head);
      if (this.rest.length < length) return;
      const message = this.rest.subarray(0, length);
      this.rest = this.rest.subarray(length);
      const kind = this.greeted ? (message[0] ?? 0) : 0;
      this.greeted = true;
      this.step.push(message);
      if (kind === QUERY || kind === PARSE) this.sql += message.toString('latin1', 5);
      if (UNFINISHED.has(kind)) continue;
      yield { bytes: Buffer.concat(this.step), sql: this.sql };
      [this.step, this.sql] = [[], ''];
    }
  }
}

interface Death {
  /** Counts the steps of the connection that sent this text, from 0. */
  marker: string;
  step: number;
  /** Whether PostgreSQL receives this step. Its response never arrives. */
  delivered: boolean;
}

/**
 * Connects a server to PostgreSQL and ends all its connections at a chosen step of a transaction, which is what a kill of the
 * process looks like to PostgreSQL and to other servers.
 */
export class Lifeline {
  /** The steps of the marked transaction, by their SQL. */
  readonly steps: string[] = [];
  dead = false;
  private death: Death | null = null;
  private readonly sockets = new Set<net.Socket>();
  private readonly server = net.createServer((client) => this.join(client));

  private constructor(private readonly databaseUrl: string) {}

  static async open(databaseUrl: string): Promise<Lifeline> {
    const line = new Lifeline(databaseUrl);
    line.server.listen(0, '127.0.0.1');
    await once(line.server, 'listening');
    return line;
  }

  get url(): string {
    const url = new URL(this.databaseUrl);
    for (const name of ['host', 'port']) url.searchParams.delete(name);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** The server dies at this step, unless the transaction has fewer. */
  killAt(death: Death): void {
    this.steps.length = 0;
    this.death = death;
  }

  revive(): void {
    this.dead = false;
    this.death = null;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(client: net.Socket): void {
    if (this.dead) {
      client.destroy();
      return;
    }
    const { host, port } = new pg.Client({ connectionString: this.databaseUrl });
    const database = host.startsWith('/') ? net.connect(`${host}/.s.PGSQL.${port}`) : net.connect(port, host);
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.end();
      });
    }
    database.on('data', (chunk) => client.write(chunk));
    const steps = new Steps();
    let marked = false;
    client.on('data', (chunk) => {
      for (const { bytes, sql } of steps.read(chunk)) {
        if (this.dead) return;
        marked ||= this.death !== null && sql.includes(this.death.marker);
        if (marked && this.steps.push(sql) - 1 === this.death?.step) {
          this.kill(database, this.death.delivered ? bytes : Buffer.alloc(0));
          return;
        }
        database.write(bytes);
        if (/^\s*(?:commit|rollback)\b/i.test(sql.replace(/^[^a-z]+/i, '')) || /;\s*commit\0?$/i.test(sql))
          marked = false;
      }
    });
  }

  private kill(database: net.Socket, last: Buffer): void {
    this.dead = true;
    database.end(last);
    for (const socket of this.sockets) if (socket !== database) socket.destroy();
  }
}
