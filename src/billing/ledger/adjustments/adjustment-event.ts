import type { Actor } from '../../../common/access/index.js';
import { toCredits } from '../../../common/money/index.js';
import type { CommandResult } from '../decisions/command-result.js';
import type { CreditAdjustment } from './adjustment.entity.js';

export const adjusted = (actor: Actor, body: CommandResult['body'], reason: string) => ({
  type: 'credits.adjusted' as const,
  actor,
  subject: { type: 'entry', id: String(body.id) },
  after: { amount: body.amount, reason },
});

export const granted = (actor: Actor, body: CommandResult['body']) => ({
  type: 'credits.granted' as const,
  actor,
  subject: { type: 'entry', id: String(body.id) },
  after: { amount: body.amount, category: body.category, expiresAt: body.expiresAt, reason: body.reason },
});

export const toScheduledEvent = (
  actor: Actor,
  id: string,
  {
    amount,
    reason,
    grantDetails,
    effectiveAt,
  }: Pick<CreditAdjustment, 'amount' | 'reason' | 'grantDetails' | 'effectiveAt'>,
) => ({
  type: 'credits.grant_scheduled' as const,
  actor,
  subject: { type: 'adjustment', id },
  after: {
    amount: toCredits(BigInt(amount)),
    category: grantDetails?.category,
    effectiveAt: effectiveAt?.toISOString(),
    expiresAt: grantDetails?.expiresAt,
    reason,
  },
});
