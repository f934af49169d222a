import type { FastifyReply } from 'fastify';
import { isRefusal, type Outcome, refusalOf } from './decisions/answer.js';

/** Answers with what was decided. Throws what it was refused with. */
export function replyWith(reply: FastifyReply, outcome: Outcome): object {
  if (outcome.replayed) void reply.header('idempotent-replayed', 'true');
  if (isRefusal(outcome)) throw refusalOf(outcome);
  void reply.status(outcome.status);
  return outcome.body;
}
