import { Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { loadStripe } from '../webhook-signature.js';
import type { SandboxEvent } from './sandbox-events.js';
import { SandboxProvider } from './sandbox.provider.js';

const TIMEOUT_MS = 5_000;

/**
 * Sends signed sandbox events to this server over HTTP, as a real provider does. The payment reconciliation job finds
 * events that are lost.
 */
@Injectable()
export class SandboxWebhookService {
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
        this.logger.warn(`sandbox event ${event.id} could not be delivered: ${String(error)}`);
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
    if (!response.ok) throw new Error(`the webhook endpoint returned ${response.status}`);
  }

  /** Returns the address this server listens on. BASE_URL may not be reachable from inside the server. */
  private origin(): string {
    const address = (this.host.httpAdapter.getHttpServer() as Server).address();
    if (address === null || typeof address === 'string') throw new Error('the server is not listening');
    const any = address.address === '::' || address.address === '0.0.0.0';
    const name = any ? '127.0.0.1' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${name}:${address.port}`;
  }
}
