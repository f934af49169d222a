import { Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { loadStripe } from '../webhook-signature.js';
import type { SandboxEvent } from './sandbox-events.js';
import { SandboxProvider } from './sandbox.provider.js';

const TIMEOUT_MS = 5_000;

/** Sends the sandbox's events over HTTP to this very server, signed, as a provider does. What gets lost the reconciler finds. */
@Injectable()
export class SandboxWebhooks {
  private readonly logger = new Logger('Sandbox');

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly provider: SandboxProvider,
  ) {}

  async send(events: readonly SandboxEvent[]): Promise<void> {
    for (const event of events) {
      try {
        await this.sendOne(JSON.stringify(event));
      } catch (error) {
        this.logger.warn(`the event ${event.id} was not taken: ${String(error)}`);
      }
    }
  }

  private async sendOne(payload: string): Promise<void> {
    const { webhooks } = await loadStripe();
    const { secret } = this.provider;
    const response = await fetch(`${this.origin()}/webhooks/payments/sandbox`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'stripe-signature': webhooks.generateTestHeaderString({ payload, secret }),
      },
      body: payload,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  }

  /** Where this server listens, which BASE_URL need not lead to from here. */
  private origin(): string {
    const address = (this.host.httpAdapter.getHttpServer() as Server).address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    const any = address.address === '::' || address.address === '0.0.0.0';
    const name = any ? '127.0.0.1' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${name}:${address.port}`;
  }
}
