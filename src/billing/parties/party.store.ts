import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../database/index.js';
import { BillingDetails } from './billing-details.entity.js';
import { Seller } from './seller.entity.js';

@Injectable()
export class PartyStore {
  findSeller(reader: Reader, operatorId: string): Promise<Seller | null> {
    return reader.maybe<Seller>(`select ${columnsOf(reader, Seller, 's')} from sellers s where s.operator_id = $1`, [
      operatorId,
    ]);
  }

  async putSeller(tx: Tx, row: Omit<Seller, 'updatedAt' | 'version'>): Promise<void> {
    await tx.execute(
      `insert into sellers as s (operator_id, legal_name, address, tax_id, email, tax_name, tax_rate, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, now())
       on conflict (operator_id) do update set legal_name = excluded.legal_name, address = excluded.address,
         tax_id = excluded.tax_id, email = excluded.email, tax_name = excluded.tax_name, tax_rate = excluded.tax_rate,
         updated_at = now(), version = s.version + 1`,
      [row.operatorId, row.legalName, row.address, row.taxId, row.email, row.taxName, row.taxRate],
    );
  }

  findBillingDetails(reader: Reader, organizationId: string): Promise<BillingDetails | null> {
    return reader.maybe<BillingDetails>(
      `select ${columnsOf(reader, BillingDetails, 'b')} from billing_details b where b.organization_id = $1`,
      [organizationId],
    );
  }

  async putBillingDetails(tx: Tx, row: Omit<BillingDetails, 'updatedAt' | 'version'>): Promise<void> {
    await tx.execute(
      `insert into billing_details as b (organization_id, legal_name, address, tax_id, email, reference, updated_at)
       values ($1, $2, $3, $4, $5, $6, now())
       on conflict (organization_id) do update set legal_name = excluded.legal_name, address = excluded.address,
         tax_id = excluded.tax_id, email = excluded.email, reference = excluded.reference, updated_at = now(),
         version = b.version + 1`,
      [row.organizationId, row.legalName, row.address, row.taxId, row.email, row.reference],
    );
  }
}
