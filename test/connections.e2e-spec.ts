import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDataSource } from '../src/database/data-source.js';
import { Database } from '../src/database/database.js';
import { databaseTrouble } from '../src/http/problems/database-trouble.js';

const READY_FOR_QUERY = 0x5a;

/** PostgreSQL's last message when it is killed, in its protocol. */
function lastWords(): Buffer {
  const fields = 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0';
  const message = Buffer.alloc(5 + fields.length);
  message.write('E');
  message.writeInt32BE(4 + fields.length, 1);
  message.write(fields, 5, 'latin1');
  return message;
}

describe('a connection to the database', () => {
  let proxy: net.Server;
  let dying = false;

  beforeAll(async () => {
    const target = new URL(process.env.TEST_SERVER_URL ?? '');
    proxy = net.createServer((client) => {
      const server = net.connect(Number(target.port), target.hostname);
      client.pipe(server);
      for (const socket of [client, server]) socket.on('error', () => undefined);
      server.on('close', () => client.destroy());
      server.on('data', (data) => {
        if (dying && data.at(-6) === READY_FOR_QUERY) {
          client.end(Buffer.concat([data, lastWords()]));
          server.destroy();
        } else client.write(data);
      });
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  });
  afterAll(() => proxy.close());

  // Unhandled, the error would end the process.
  it('can end at the moment it is opened, before it is used', async () => {
    const url = new URL(process.env.TEST_SERVER_URL ?? '');
    url.port = String((proxy.address() as AddressInfo).port);
    // Through the proxy, not the server's Unix socket.
    url.search = '';
    const source = createDataSource({ url: url.href, poolSize: 2 });
    await source.initialize();
    try {
      // The first connection is in use, so that this one needs another.
      const slow = source.query('select pg_sleep(0.3)');
      dying = true;
      await expect(source.query('select 1')).rejects.toThrow(/terminating|terminated|not queryable/);
      dying = false;
      await slow;
      expect(await source.query('select 2 as two')).toEqual([{ two: 2 }]);
    } finally {
      await source.destroy();
    }
  });

  // TypeORM then releases the runner on its own, and says nothing else of the next statement.
  it('can end between two statements of a transaction, which says that the database is unavailable', async () => {
    const source = createDataSource({ url: process.env.TEST_SERVER_URL ?? '', poolSize: 2 });
    await source.initialize();
    try {
      const db = new Database(source);
      const between = db.transaction(async (tx) => {
        const { pid } = await tx.one<{ pid: number }>('select pg_backend_pid() as pid');
        await tx.execute('create table left_behind ()');
        await source.query('select pg_terminate_backend($1, 10000)', [pid]);
        await sleep(100);
        await tx.execute('select 1');
      });
      const error: unknown = await between.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect([(error as Error).name, databaseTrouble(error)]).toEqual([
        'QueryRunnerAlreadyReleasedError',
        'unavailable',
      ]);
      expect(await source.query(`select to_regclass('left_behind') as table`)).toEqual([{ table: null }]);
    } finally {
      await source.destroy();
    }
  });
});
