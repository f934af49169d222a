import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type CiphertextLocation, SecretBox } from '../../common/crypto/index.js';
import { TABLES, type WebhookOwner } from './webhook.owner.js';

export type SecretColumn = 'secret' | 'previous_secret' | 'headers';

const PURPOSE = 'webhook';

/** Encrypts what a webhook keeps to itself, bound to its row and column. */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly box: SecretBox) {}

  /** Creates a secret as Standard Webhooks writes it. */
  newSecret(): string {
    return `whsec_${randomBytes(32).toString('base64')}`;
  }

  seal(owner: WebhookOwner, id: string, column: SecretColumn, text: string): string {
    return this.box.encrypt(PURPOSE, locationOf(owner, id, column), text);
  }

  open(owner: WebhookOwner, id: string, column: SecretColumn, sealed: string): string {
    return this.box.decrypt(PURPOSE, locationOf(owner, id, column), sealed);
  }

  headersOf(owner: WebhookOwner, id: string, sealed: string): Record<string, string> {
    return JSON.parse(this.open(owner, id, 'headers', sealed)) as Record<string, string>;
  }
}

const locationOf = ({ kind, id: ownerId }: WebhookOwner, id: string, column: SecretColumn): CiphertextLocation => ({
  table: TABLES[kind].webhooks,
  column,
  row: [ownerId, id],
});
