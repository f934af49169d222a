import { EtagField, IntegerField, TextField } from '../../common/validation/index.js';
import { PartyInput, PartyView } from './party.dto.js';
import type { Seller } from './seller.entity.js';
import { RATE_PATTERN, toPercent } from './tax.js';
import { versionAndEtag } from '../../http/index.js';

const TAX_NAME = { max: 30, nullable: true, example: 'VAT', description: 'What the tax is called on receipts.' };
const TAX_RATE = {
  max: 8,
  nullable: true,
  pattern: RATE_PATTERN,
  example: '19',
  description:
    'The tax that prices include, in percent, with at most four digits after the point. Null prints no tax line.',
};

/** Missing fields become null. */
export class PutSeller extends PartyInput {
  @TextField({ ...TAX_NAME, optional: true })
  taxName?: string | null;

  @TextField({ ...TAX_RATE, optional: true })
  taxRate?: string | null;
}

export class SellerView extends PartyView {
  @TextField(TAX_NAME)
  taxName: string | null;

  @TextField(TAX_RATE)
  taxRate: string | null;

  @IntegerField({ min: 0, max: 2_147_483_647, description: 'Increases with each change. Used as the ETag.' })
  version: number;

  @EtagField()
  etag: string;
}

export const toSellerView = (row: Omit<Seller, 'operatorId' | 'updatedAt'> | null): SellerView => ({
  legalName: row?.legalName ?? null,
  address: row?.address ?? null,
  taxId: row?.taxId ?? null,
  email: row?.email ?? null,
  taxName: row?.taxName ?? null,
  taxRate: row === null || row.taxRate === null ? null : toPercent(row.taxRate),
  ...versionAndEtag(row?.version ?? 0),
});
