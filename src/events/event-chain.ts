import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** What the hash of an event covers: everything about it but the hash. */
export interface ChainedEvent {
  seq: string;
  id: string;
  occurredAt: Date;
  type: string;
  actorType: string;
  actorId: string | null;
  subjectType: string;
  subjectId: string;
  before: unknown;
  after: unknown;
  requestId: string;
  ip: string | null;
}

/** The hash before the first event of a stream. */
export const CHAIN_START = '';

/** SHA-256 (hex) over the hash before and the event in canonical JSON (RFC 8785). */
export function hashEvent(previousHash: string, event: ChainedEvent): string {
  const { seq, id, occurredAt, type, actorType, actorId, subjectType, subjectId, before, after, requestId, ip } = event;
  const content = canonicalize([
    seq,
    id,
    occurredAt.toISOString(),
    type,
    actorType,
    actorId,
    subjectType,
    subjectId,
    before,
    after,
    requestId,
    ip,
  ]);
  return createHash('sha256').update(`${previousHash}\n${content}`).digest('hex');
}
