import net from 'node:net';

/** After this time a missing response counts as lost. */
const SILENCE_MS = 20_000;

/**
 * HTTP/1.1 over plain sockets, because no client library would send these requests. Each connection carries one request
 * at a time and is kept as long as the server keeps it.
 */
export class Wire {
  constructor(port) {
    this.port = port;
    this.idle = [];
  }

  /**
   * Sends `bytes` and reads one response. `bodyless`: the response has no body, whatever its headers say (HEAD).
   * Resolves with {status, headers, body, ms}, or with {failure, ms} if no complete response arrived.
   */
  async send(bytes, { bodyless = false } = {}) {
    for (;;) {
      const kept = this.idle.pop();
      const begun = performance.now();
      const answer = await this.exchange(kept ?? (await connect(this.port)), bytes, bodyless);
      // The server may close an idle connection just as it is reused. Then neither side has read anything.
      if (answer.failure === 'closed' && kept && answer.received === 0) continue;
      return { ...answer, ms: performance.now() - begun };
    }
  }

  close() {
    for (const socket of this.idle.splice(0)) socket.destroy();
  }

  exchange(socket, bytes, bodyless) {
    return new Promise((resolve) => {
      const reader = new AnswerReader(bodyless);
      const finish = (result) => {
        clearTimeout(timer);
        for (const event of ['data', 'close', 'error']) socket.removeAllListeners(event);
        socket.on('error', () => undefined);
        const again = result.status !== undefined && !reader.closes && reader.rest.length === 0;
        if (again) this.idle.push(socket);
        else socket.destroy();
        resolve(result);
      };
      const timer = setTimeout(() => finish({ failure: 'silent', received: reader.received }), SILENCE_MS);
      socket.on('data', (chunk) => {
        const answer = reader.read(chunk);
        if (answer) finish(answer);
      });
      const ended = (failure) => finish(reader.end() ?? { failure, received: reader.received });
      socket.on('close', () => ended('closed'));
      socket.on('error', (error) => ended(error.code === 'ECONNREFUSED' ? 'refused' : 'closed'));
      socket.write(bytes);
    });
  }
}

function connect(port) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

const NO_BODY = new Set([204, 304]);

/** Assembles one response from the received chunks. */
class AnswerReader {
  constructor(bodyless) {
    this.bodyless = bodyless;
    this.rest = Buffer.alloc(0);
    this.received = 0;
    this.head = null;
    this.chunks = [];
    /** The connection cannot be reused after this response. */
    this.closes = false;
  }

  /** Returns the response once it is complete, otherwise null. */
  read(chunk) {
    this.received += chunk.length;
    this.rest = Buffer.concat([this.rest, chunk]);
    while (!this.head) {
      const end = this.rest.indexOf('\r\n\r\n');
      if (end < 0) return null;
      const head = parseHead(this.rest.subarray(0, end).toString('latin1'));
      this.rest = this.rest.subarray(end + 4);
      // Informational responses such as 100 Continue come first.
      if (head.status >= 200) this.head = head;
    }
    // Without a request id the application did not respond, and the rest of the request may be unread.
    this.closes = /close/i.test(this.head.headers.connection ?? '') || !this.head.headers['x-request-id'];
    return this.body();
  }

  /** Completes a response without a length, which ends with the connection. */
  end() {
    if (!this.head || this.head.headers['content-length'] || this.head.headers['transfer-encoding']) return null;
    this.closes = true;
    return { ...this.head, body: this.rest };
  }

  body() {
    const { headers, status } = this.head;
    if (this.bodyless || NO_BODY.has(status)) return { ...this.head, body: Buffer.alloc(0) };
    if (/chunked/i.test(headers['transfer-encoding'] ?? '')) return this.chunked();
    if (headers['content-length'] === undefined) return null;
    const length = Number(headers['content-length']);
    if (this.rest.length < length) return null;
    const body = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return { ...this.head, body };
  }

  chunked() {
    for (;;) {
      const line = this.rest.indexOf('\r\n');
      if (line < 0) return null;
      const size = Number.parseInt(this.rest.subarray(0, line).toString('latin1'), 16);
      if (this.rest.length < line + 2 + size + 2) return null;
      this.chunks.push(this.rest.subarray(line + 2, line + 2 + size));
      this.rest = this.rest.subarray(line + 2 + size + 2);
      if (size === 0) return { ...this.head, body: Buffer.concat(this.chunks) };
    }
  }
}

function parseHead(text) {
  const [first, ...lines] = text.split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]), headers };
}
