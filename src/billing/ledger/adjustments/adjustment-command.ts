import type { Actor } from '../../../common/access/index.js';
import type { AdjustmentCommand, AdjustmentRequestCommand, GrantCommand } from '../decisions/command.js';
import { hashOf } from '../idempotency-key.js';
import type { CreditAdjustment, GrantDetails } from './adjustment.entity.js';

export type NewCommand = (AdjustmentCommand | GrantCommand) & { key: string };

/** Returns the command that stores a request, which a second person or its time decides. */
export function toRequest(
  command: NewCommand,
  state: 'pending' | 'scheduled',
  effectiveAt: Date | null,
): AdjustmentRequestCommand {
  const { type: of, amount, reason, key, hash, actorId } = command;
  const expiresAt = command.type === 'grant' ? command.expiresAt : null;
  const at = effectiveAt?.getTime() ?? null;
  return {
    type: 'adjustment_request',
    of,
    amount,
    reason,
    key,
    hash,
    actorId,
    state,
    id: null,
    effectiveAt: at,
    expiresAt,
  };
}

/** Returns the command that an approval executes. A grant whose time has not come is only scheduled. */
export function approvedCommand(
  adjustment: CreditAdjustment,
  actor: Actor,
  key: string,
  now: number,
): NewCommand | AdjustmentRequestCommand {
  const { id, reason, requestedBy, grantDetails, effectiveAt } = adjustment;
  const base = { amount: BigInt(adjustment.amount), reason, key, hash: hashOf('approve', id), actorId: requestedBy };
  if (grantDetails === null) return { type: 'adjustment', ...base, approvedBy: actor.userId };
  if (effectiveAt && effectiveAt.getTime() > now) {
    const times = { effectiveAt: null, expiresAt: null };
    return { type: 'adjustment_request', of: 'grant', ...base, state: 'scheduled', id, ...times };
  }
  return { type: 'grant', ...base, ...toLot(grantDetails) };
}

/** Returns the lot of a stored grant. */
export const toLot = ({ category, priority, expiresAt }: GrantDetails) => ({
  category,
  priority,
  expiresAt: expiresAt === null ? null : Date.parse(expiresAt),
});
