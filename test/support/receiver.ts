import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

/** A delivery as it arrived. */
export interface Received {
  headers: IncomingHttpHeaders;
  text: string;
  body: any;
}

type Answer = (response: ServerResponse, received: Received) => void;

/** A receiver of webhooks on loopback. */
export class Receiver {
  readonly received: Received[] = [];
  /** Deliveries that are being answered, and the most there were at once. */
  inProgress = 0;
  mostInProgress = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private answer: Answer,
  ) {}

  static async start(answer: Answer = (response) => response.end('thank you')): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new Receiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, answer);
    server.on('request', (request, response) => {
      receiver.inProgress++;
      receiver.mostInProgress = Math.max(receiver.mostInProgress, receiver.inProgress);
      response.on('close', () => receiver.inProgress--);
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const received = { headers: request.headers, text, body: JSON.parse(text) };
        receiver.received.push(received);
        receiver.answer(response, received);
      });
    });
    return receiver;
  }

  answersWith(answer: Answer): void {
    this.answer = answer;
  }

  /** Waits for so many deliveries and returns their types. */
  async types(count: number): Promise<string[]> {
    for (let tries = 0; this.received.length < count && tries < 600; tries++) await sleep(50);
    return this.received.map(({ body }) => body.type);
  }

  /** Returns the body if a secret has signed it, as the reference library checks it. Throws otherwise. */
  verified({ text, headers }: Received, secret: string): unknown {
    return new Webhook(secret).verify(text, headers as Record<string, string>);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
