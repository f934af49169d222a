import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Config } from '../config/index.js';
import { Outgoing } from './outgoing.js';

const outgoing = new Outgoing({ allowedPrivateHosts: ['127.0.0.1'] } as unknown as Config);
const sockets = new Set<Socket>();
let server: Server;

/** Answers every request with these bytes, and ends the connection if `ends`. */
async function answering(bytes: string, ends: boolean): Promise<URL> {
  server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', () => (ends ? socket.end(bytes) : socket.write(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

describe('an unexpected response', () => {
  it.each([
    ['another protocol', SWITCHING, false],
    ['another protocol, and hangs up', SWITCHING, true],
    ['only that it goes on', 'HTTP/1.1 100 Continue\r\n\r\n', true],
    ['nothing', '', true],
  ])('ends the request: %s', async (_, bytes, ends) => {
    const url = await answering(bytes, ends);
    const post = { headers: {}, body: '{}', timeoutMs: 3_000, keptBytes: 10 };
    await expect(outgoing.post(url, post)).rejects.toMatchObject({ reason: 'unreachable' });
    await expect(outgoing.fetch(url)).rejects.toMatchObject({ reason: 'unreachable' });
  });
});
