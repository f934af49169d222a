import { Injectable } from '@nestjs/common';
import type { Access, OrganizationAccess } from '../../common/access/index.js';
import { changesOf, Database } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import { assertMatches, etagOf } from '../../http/index.js';
import { OperatorService } from '../../operators/index.js';
import { OrganizationService } from '../../organizations/index.js';
import { type BillingDetailsView, type PutBillingDetails, toBillingDetailsView } from './billing-details.dto.js';
import { PartyStore } from './party.store.js';
import { type PutSeller, type SellerView, toSellerView } from './seller.dto.js';
import { toRate } from './tax.js';

/** Manages who sells and who buys, as receipts print it. */
@Injectable()
export class PartyService {
  constructor(
    private readonly db: Database,
    private readonly store: PartyStore,
    private readonly operators: OperatorService,
    private readonly organizations: OrganizationService,
    private readonly events: EventService,
  ) {}

  async seller(operatorId: string): Promise<SellerView> {
    return toSellerView(await this.store.findSeller(this.db.reader, operatorId));
  }

  putSeller({ actor, operator: { id } }: Access, input: PutSeller, ifMatch: string | undefined): Promise<SellerView> {
    return this.db.transaction(async (tx) => {
      await this.operators.lock(tx, id);
      const before = toSellerView(await this.store.findSeller(tx, id));
      assertMatches(ifMatch, etagOf(before.version));
      const { legalName = null, address = null, taxId = null, email = null, taxName = null, taxRate = null } = input;
      const rate = taxRate === null ? null : toRate(taxRate);
      const row = { operatorId: id, legalName, address, taxId, email, taxName, taxRate: rate };
      const after = toSellerView({ ...row, version: before.version });
      const changes = changesOf({ ...before }, { ...after });
      if (!changes) return before;
      await this.store.putSeller(tx, row);
      const subject = { type: 'operator', id };
      await this.events.record(tx, { kind: 'operator', id }, { type: 'seller.updated', actor, subject, ...changes });
      return toSellerView(await this.store.findSeller(tx, id));
    });
  }

  async billingDetails(organizationId: string): Promise<BillingDetailsView> {
    return toBillingDetailsView(await this.store.findBillingDetails(this.db.reader, organizationId));
  }

  putBillingDetails(
    { actor, organizationId: id }: OrganizationAccess,
    input: PutBillingDetails,
    ifMatch: string | undefined,
  ): Promise<BillingDetailsView> {
    return this.db.transaction(async (tx) => {
      await this.organizations.lockActive(tx, id);
      const before = toBillingDetailsView(await this.store.findBillingDetails(tx, id));
      assertMatches(ifMatch, etagOf(before.version));
      const { legalName = null, address = null, taxId = null, email = null, reference = null } = input;
      const row = { organizationId: id, legalName, address, taxId, email, reference };
      const changes = changesOf({ ...before }, toBillingDetailsView({ ...row, version: before.version }));
      if (!changes) return before;
      await this.store.putBillingDetails(tx, row);
      const subject = { type: 'organization', id };
      const event = { type: 'billing_details.updated' as const, actor, subject, ...changes };
      await this.events.record(tx, { kind: 'organization', id }, event);
      return toBillingDetailsView(await this.store.findBillingDetails(tx, id));
    });
  }
}
