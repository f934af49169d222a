import { Injectable } from '@nestjs/common';
import { SecretBox } from '../common/crypto/index.js';
import { chainStart, signedPart, type Stream } from './event-chain.js';

const EVENT = 'event';
const START = 'event-chain-start';
const ANCHOR = 'event-anchor';

/**
 * Signs events with a key that is derived from SECRET_KEY. An attacker with write access to the database alone can compute hashes, but
 * cannot sign.
 */
@Injectable()
export class EventSigner {
  constructor(private readonly secrets: SecretBox) {}

  sign(stream: Stream, seq: string, hash: string): string {
    return this.secrets.sign(EVENT, signedPart(stream, seq, hash));
  }

  isSigned(stream: Stream, seq: string, hash: string, signature: string | null): boolean {
    return signature !== null && this.secrets.verify(EVENT, signedPart(stream, seq, hash), signature);
  }

  /** Signs from which number on events of a stream are signed, so that unsigned events cannot replace signed ones. */
  signStart(stream: Stream, signedFrom: string): string {
    return this.secrets.sign(START, `${chainStart(stream)}\n${signedFrom}`);
  }

  signAnchor(stream: Stream, seq: string, hash: string): string {
    return this.secrets.sign(ANCHOR, signedPart(stream, seq, hash));
  }
}
