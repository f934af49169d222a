// A load generator in a separate process. Keeps `connections` requests in flight, one per plain socket, and reports the
// responses. Receives its order as a message from the parent and answers with one message.
import { randomBytes } from 'node:crypto';
import net from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const STATUS_AT = 'HTTP/1.1 '.length;

process.on('message', (order) => void measure(order));

async function measure(order) {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const result = await run(order);
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  process.send({ ...result, cpuShare: (user + system) / 1e6 / seconds });
}

/** `targets`: paths used in turn. `body`: the body to send, in which `{key}` becomes a fresh key. */
async function run({ port, connections, seconds, warmUpSeconds, targets, token, body, keyed }) {
  const latencies = [];
  const statuses = {};
  let next = 0;
  let counting = false;
  let running = true;
  let answered = 0;

  const request = () => {
    const path = targets[next++ % targets.length];
    const text = body.replaceAll(/\{key\}/g, () => newKey());
    const key = keyed ? `idempotency-key: ${newKey()}\r\n` : '';
    return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n${key}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  };

  const connect = () =>
    new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.setNoDelay(true);
      let buffered = Buffer.alloc(0);
      let sentAt = 0;
      const send = () => {
        sentAt = performance.now();
        socket.write(request());
      };
      socket.on('error', reject);
      socket.on('connect', send);
      socket.on('data', (data) => {
        buffered = buffered.length > 0 ? Buffer.concat([buffered, data]) : data;
        const headEnd = buffered.indexOf(HEAD_END);
        if (headEnd < 0) return;
        const head = buffered.latin1Slice(0, headEnd);
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        if (buffered.length < headEnd + 4 + length) return;
        const status = head.slice(STATUS_AT, STATUS_AT + 3);
        // Every response counts, so that the credits can be checked. Only those after the warm-up are measured.
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (counting) {
          latencies.push(performance.now() - sentAt);
          if (status[0] === '2') answered++;
        }
        buffered = Buffer.alloc(0);
        if (running) send();
        else {
          socket.end();
          resolve();
        }
      });
    });

  const clients = Promise.all(Array.from({ length: connections }, connect));
  await sleep(warmUpSeconds * 1000);
  counting = true;
  const begun = performance.now();
  await sleep(seconds * 1000);
  counting = false;
  const took = (performance.now() - begun) / 1000;
  running = false;
  await clients;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? null;
  return { perSecond: answered / took, p50: at(0.5), p99: at(0.99), statuses };
}

let prefix = randomBytes(9).toString('base64url');
let counter = 0;
const newKey = () => `${prefix}-${process.pid}-${counter++}`;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
