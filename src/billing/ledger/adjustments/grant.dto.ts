import { PageQuery } from '../../../common/pagination/index.js';
import { toCredits } from '../../../common/money/index.js';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  DayOrTimeField,
  EnumField,
  IntegerField,
  QueryBooleanField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { CATEGORIES, type Category } from '../decisions/state.js';

export class GrantInput {
  @CreditsField({ example: '500' })
  amount: string;

  @EnumField(CATEGORIES, { name: 'LotCategory' })
  category: Category;

  @DayOrTimeField({
    optional: true,
    nullable: true,
    description:
      'When the rest of the lot expires. A day is valid to its end in the time zone of the operator. Omit it for a lot that never expires.',
  })
  expiresAt?: string | null;

  @DayOrTimeField({
    optional: true,
    nullable: true,
    description:
      'When the credits are granted. A day starts in the time zone of the operator. Until then the grant is scheduled (202) and can be cancelled. Omit it to grant at once.',
  })
  effectiveAt?: string | null;

  @IntegerField({
    min: 0,
    max: 1000,
    optional: true,
    default: 0,
    description: 'Lots with a lower priority are spent first.',
  })
  priority?: number;

  @TextField({ max: 500, example: 'Welcome credits' })
  reason: string;
}

export class GrantView {
  @UuidField()
  id: string;

  @UuidField()
  lotId: string;

  @CreditsField()
  amount: string;

  @EnumField(CATEGORIES, { name: 'LotCategory' })
  category: Category;

  @IntegerField({ min: 0, max: 1000 })
  priority: number;

  @DateTimeField({ nullable: true })
  expiresAt: string | null;

  @TextField()
  reason: string;

  @CreditsField({ signed: true, zero: true, description: 'Available credits after the grant.' })
  balance: string;

  @DateTimeField()
  createdAt: string;
}

export class VoidGrantInput {
  @TextField({ max: 500, example: 'Granted to the wrong organization' })
  reason: string;
}

export class VoidedGrantView {
  @UuidField({ description: 'The entry that took the credits back.' })
  id: string;

  @UuidField()
  lotId: string;

  @CreditsField({ description: 'Credits that were taken back.' })
  amount: string;

  @TextField()
  reason: string;

  @CreditsField({ signed: true, zero: true, description: 'Available credits after that.' })
  balance: string;

  @DateTimeField()
  createdAt: string;
}

export const GRANT_STATES = ['granted', 'scheduled'] as const;
type GrantState = (typeof GRANT_STATES)[number];

export class GrantQuery extends PageQuery {
  @EnumField(GRANT_STATES, { optional: true, name: 'GrantState' })
  state?: GrantState;

  @EnumField(CATEGORIES, { optional: true, name: 'LotCategory' })
  category?: Category;

  @QueryBooleanField({ optional: true, description: 'Only grants of which credits are left, or only the others.' })
  open?: boolean;
}

/** Credits that were or will be granted, were bought or came with a plan, and what is left of them. */
export class GrantedLotView {
  @UuidField({ description: 'The entry that granted the credits. Of a scheduled grant, its adjustment.' })
  id: string;

  @EnumField(GRANT_STATES, { name: 'GrantState' })
  state: GrantState;

  @UuidField({ nullable: true, description: 'Null until the credits are granted.' })
  lotId: string | null;

  @BooleanField({ description: 'True while credits are left that have not expired.' })
  open: boolean;

  @EnumField(CATEGORIES, { name: 'LotCategory' })
  category: Category;

  @CreditsField()
  amount: string;

  @CreditsField({ zero: true })
  remaining: string;

  @CreditsField({ zero: true, description: 'Part of `remaining` that holds keep.' })
  reserved: string;

  @IntegerField({ min: 0, max: 1000 })
  priority: number;

  @DateTimeField()
  effectiveAt: string;

  @DateTimeField({ nullable: true })
  expiresAt: string | null;

  @TextField({ nullable: true })
  reason: string | null;

  @UuidField({ nullable: true, description: 'The top-up that paid for it.' })
  topUpId: string | null;

  @UuidField({ nullable: true, description: 'User or API key that caused it. Null for plans and automatic top-ups.' })
  grantedBy: string | null;

  @DateTimeField()
  createdAt: string;
}

export interface GrantedLotRow {
  id: string;
  state: GrantState;
  lotId: string | null;
  category: Category;
  amount: string;
  remaining: string;
  reserved: string;
  priority: number;
  effectiveAt: Date;
  expiresAt: Date | null;
  reason: string | null;
  topUpId: string | null;
  grantedBy: string | null;
  createdAt: Date;
}

export const toGrantedLotView = (row: GrantedLotRow): GrantedLotView => ({
  ...row,
  open: BigInt(row.remaining) > 0n,
  amount: toCredits(BigInt(row.amount)),
  remaining: toCredits(BigInt(row.remaining)),
  reserved: toCredits(BigInt(row.reserved)),
  effectiveAt: row.effectiveAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
});
