import { createSocket } from 'node:dgram';

export interface DnsServer {
  /** `127.0.0.1:…` */
  address: string;
  /** Texts by name. */
  records: Map<string, string[]>;
  /** Answers with SERVFAIL from now on, or properly again. */
  fail(failing: boolean): void;
  close(): Promise<void>;
}

const HEADER_BYTES = 12;
const NXDOMAIN = 3;
const SERVFAIL = 2;

/** The name in the question, and where it ends. */
function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

/** One TXT record: a pointer to the name in the question, type, class, time to live, and the text in parts of 255 bytes. */
function txtRecord(text: string): Buffer {
  const bytes = Buffer.from(text);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += 255) {
    const part = bytes.subarray(at, at + 255);
    parts.push(Buffer.from([part.length]), part);
  }
  const data = Buffer.concat(parts);
  const head = Buffer.from([0xc0, HEADER_BYTES, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** A name server on loopback that has TXT records alone. */
export async function startDnsServer(): Promise<DnsServer> {
  const records = new Map<string, string[]>();
  let failing = false;
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, end } = questionOf(query);
    const texts = records.get(name) ?? [];
    const header = Buffer.from(query.subarray(0, HEADER_BYTES));
    const code = failing ? SERVFAIL : texts.length > 0 ? 0 : NXDOMAIN;
    header.writeUInt16BE(0x8180 | code, 2);
    header.writeUInt16BE(failing ? 0 : texts.length, 6);
    header.writeUInt32BE(0, 8);
    const answers = failing ? [] : texts.map(txtRecord);
    socket.send(Buffer.concat([header, query.subarray(HEADER_BYTES, end), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    fail: (wanted) => (failing = wanted),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
