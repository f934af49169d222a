import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The part of an event that its hash covers: all but the hash. */
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

/** The owner of a stream. */
export interface Stream {
  kind: 'organization' | 'operator';
  id: string;
}

/** Replaces the hash before the first event, and ties the log to its owner. */
export const chainStart = ({ kind, id }: Stream): string => `${kind}:${id}`;

/** Describes what the key signs: the place of an event in its stream and, through its hash, everything before it. */
export const signedPart = (stream: Stream, seq: string, hash: string): string =>
  `${chainStart(stream)}\n${seq}\n${hash}`;

/** Computes SHA-256 (hex) over the previous hash and the event in canonical JSON (RFC 8785). */
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
