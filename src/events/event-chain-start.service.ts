import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/index.js';
import { EventSigner } from './event-signer.js';
import { EventStore } from './event.store.js';

/** Marks from where on the streams of a database of a development version are signed. Runs once for a database. */
@Injectable()
export class EventChainStartService {
  constructor(
    private readonly store: EventStore,
    private readonly signer: EventSigner,
  ) {}

  async signAll(tx: Tx): Promise<void> {
    for (const kind of ['operator', 'organization'] as const) {
      for (const { id, seq } of await this.store.unsigned(tx, kind)) {
        const signedFrom = String(BigInt(seq) + 1n);
        await this.store.setStart(tx, { kind, id }, signedFrom, this.signer.signStart({ kind, id }, signedFrom));
      }
    }
  }
}
