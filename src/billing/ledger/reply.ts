import type { FastifyReply } from 'fastify';
import { isRefusal, type CommandResult, toAppError } from './decisions/command-result.js';

/** Sends the result of a command, or throws the error it was refused with. */
export function replyWith(reply: FastifyReply, result: CommandResult): object {
  if (result.replayed) void reply.header('idempotent-replayed', 'true');
  if (isRefusal(result)) throw toAppError(result);
  void reply.status(result.status);
  return result.body;
}
