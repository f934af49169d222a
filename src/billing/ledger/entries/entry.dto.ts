import { type Micro, toCredits } from '../../../common/money/index.js';
import { PageQuery } from '../../../common/pagination/index.js';
import {
  CreditsField,
  DateTimeField,
  DayOrTimeField,
  EnumField,
  JsonField,
  ObjectListField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { ENTRY_TYPES, type EntryType } from '../decisions/entry.js';
import { ACCOUNTS, type AccountName } from '../decisions/state.js';

export class EntryQuery extends PageQuery {
  @DayOrTimeField({
    optional: true,
    description:
      'Only entries created at this time or later, or from the start of this day in the time zone of the operator.',
  })
  from?: string;

  @DayOrTimeField({
    optional: true,
    description: 'Only entries created before this time, or to the end of this day in the time zone of the operator.',
  })
  to?: string;

  @TextField({
    max: 64,
    optional: true,
    verbatim: true,
    description: 'Only entries of this type, such as `charge`, or with this kind of usage.',
  })
  kind?: string;

  @UuidField({ optional: true })
  unitId?: string;

  @UuidField({ optional: true })
  memberId?: string;
}

export class AsOfQuery {
  @DayOrTimeField({
    optional: true,
    description: 'Defaults to now. A day is read as its end in the time zone of the operator.',
  })
  asOf?: string;
}

export class BalanceView {
  @DateTimeField()
  asOf: string;

  @CreditsField({ signed: true, zero: true })
  available: string;

  @CreditsField({ zero: true })
  held: string;

  @CreditsField({ zero: true })
  consumed: string;
}

export interface Balance {
  available: Micro;
  held: Micro;
  consumed: Micro;
}

export const ZERO_BALANCE: Balance = { available: 0n, held: 0n, consumed: 0n };

export const toBalanceView = (at: number, { available, held, consumed }: Balance): BalanceView => ({
  asOf: new Date(at).toISOString(),
  available: toCredits(available),
  held: toCredits(held),
  consumed: toCredits(consumed),
});

export class PostingView {
  @EnumField(ACCOUNTS, { name: 'CreditAccount' })
  account: AccountName;

  @CreditsField({ signed: true })
  amount: string;
}

/** One transaction of the ledger. */
export class EntryView {
  @UuidField()
  id: string;

  @TextField({ description: 'Number of the entry within the organization: 1, 2, 3, …', example: '42' })
  seq: string;

  @EnumField(ENTRY_TYPES, { name: 'EntryType' })
  type: EntryType;

  @TextField({ description: 'Kind of usage. Defaults to the type.' })
  kind: string;

  @CreditsField()
  amount: string;

  @ObjectListField(() => PostingView, { description: 'Postings sum to zero.' })
  postings: PostingView[];

  @CreditsField({ signed: true, zero: true, description: 'Available credits after the entry.' })
  balance: string;

  @CreditsField({ zero: true, description: 'Held credits after the entry.' })
  held: string;

  @UuidField({ nullable: true })
  unitId: string | null;

  @UuidField({ nullable: true })
  memberId: string | null;

  @UuidField({ nullable: true })
  apiKeyId: string | null;

  @UuidField({ nullable: true, description: 'The related hold, charge, lot or top-up.' })
  sourceId: string | null;

  @TextField({ nullable: true })
  reference: string | null;

  @JsonField({ nullable: true, description: 'Price and quantity in millionths, reason, metadata.' })
  detail: Record<string, unknown> | null;

  @UuidField({ nullable: true, description: 'User or API key that caused the entry. Null for expiries.' })
  actorId: string | null;

  @DateTimeField()
  createdAt: string;
}

export interface EntryRow extends Record<AccountName, string> {
  id: string;
  seq: string;
  type: EntryType;
  kind: string;
  amount: string;
  availableAfter: string;
  heldAfter: string;
  unitId: string | null;
  memberId: string | null;
  apiKeyId: string | null;
  sourceId: string | null;
  reference: string | null;
  detail: Record<string, unknown> | null;
  actorId: string | null;
  createdAt: Date;
}

const credits = (micro: string): string => toCredits(BigInt(micro));

export const toEntryView = (row: EntryRow): EntryView => ({
  id: row.id,
  seq: row.seq,
  type: row.type,
  kind: row.kind,
  amount: credits(row.amount),
  postings: ACCOUNTS.filter((account) => row[account] !== '0').map((account) => ({
    account,
    amount: credits(row[account]),
  })),
  balance: credits(row.availableAfter),
  held: credits(row.heldAfter),
  unitId: row.unitId,
  memberId: row.memberId,
  apiKeyId: row.apiKeyId,
  sourceId: row.sourceId,
  reference: row.reference,
  detail: row.detail,
  actorId: row.actorId,
  createdAt: row.createdAt.toISOString(),
});
