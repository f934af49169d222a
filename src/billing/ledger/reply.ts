import type { FastifyReply } from 'fastify';
import { isRefusal, type CommandResult, toAppError } from './decisions/command-result.js';

/** Answers with what was decided. Throws what it was refused with. */
export function replyWith(reply: FastifyReply, result: CommandResult): object {
  if (result.replayed) void reply.header('idempotent-replayed', 'true');
  if (isRefusal(result)) throw toAppError(result);
  void reply.status(result.status);
  return result.body;
}
