import { EmailField, TextField } from '../../common/validation/index.js';

const ADDRESS = { max: 500, multiline: true, nullable: true, description: 'Street, postal code, city and country.' };
const LEGAL_NAME = { max: 200, nullable: true, example: 'Northwind Traders GmbH' };
const TAX_ID = { max: 50, nullable: true, example: 'DE123456789' };

/** Who sells or buys, as receipts print it. */
export class PartyInput {
  @TextField({ ...LEGAL_NAME, optional: true })
  legalName?: string | null;

  @TextField({ ...ADDRESS, optional: true })
  address?: string | null;

  @TextField({ ...TAX_ID, optional: true })
  taxId?: string | null;

  @EmailField({ optional: true, nullable: true })
  email?: string | null;
}

export class PartyView {
  @TextField(LEGAL_NAME)
  legalName: string | null;

  @TextField(ADDRESS)
  address: string | null;

  @TextField(TAX_ID)
  taxId: string | null;

  @EmailField({ nullable: true })
  email: string | null;
}
