import { EtagField, IntegerField, TextField } from '../../common/validation/index.js';
import type { BillingDetails } from './billing-details.entity.js';
import { PartyInput, PartyView } from './party.dto.js';
import { versionAndEtag } from '../../http/index.js';

const REFERENCE = {
  max: 100,
  nullable: true,
  example: 'PO 2026-118',
  description: "The buyer's own reference, such as the number of a purchase order.",
};

/** Missing fields become null. */
export class PutBillingDetails extends PartyInput {
  @TextField({ ...REFERENCE, optional: true })
  reference?: string | null;
}

export class BillingDetailsView extends PartyView {
  @TextField(REFERENCE)
  reference: string | null;

  @IntegerField({ min: 0, max: 2_147_483_647, description: 'Increases with each change. Used as the ETag.' })
  version: number;

  @EtagField()
  etag: string;
}

export const toBillingDetailsView = (
  row: Omit<BillingDetails, 'organizationId' | 'updatedAt'> | null,
): BillingDetailsView => ({
  legalName: row?.legalName ?? null,
  address: row?.address ?? null,
  taxId: row?.taxId ?? null,
  email: row?.email ?? null,
  reference: row?.reference ?? null,
  ...versionAndEtag(row?.version ?? 0),
});
