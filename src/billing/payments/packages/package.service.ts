import { Injectable } from '@nestjs/common';
import type { Access, OrganizationAccess } from '../../../common/access/index.js';
import { changesOf, Database, definedOnly, type Tx } from '../../../database/index.js';
import { assertMatches, etagOf } from '../../../http/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { newId } from '../../../common/ids/index.js';
import { currencyOf, moneyText, toCredits, toMicro } from '../../../common/money/index.js';
import type { Page } from '../../../common/pagination/index.js';
import { EventService } from '../../../events/index.js';
import { OperatorService } from '../../../operators/index.js';
import { priceIn } from '../price.js';
import { topUpErrors } from '../top-up.errors.js';
import {
  type CreatePackage,
  type OperatorPackageQuery,
  type PackageQuery,
  type PackageView,
  type PatchPackage,
  toPackageView,
} from './package.dto.js';
import type { TopUpPackage } from './package.entity.js';
import { PackageStore } from './package.store.js';

const MAX_PACKAGES = 200;

const toEventPayload = ({ name, credits, priceMinor, currency, active }: Omit<TopUpPackage, 'version'>) => ({
  name,
  credits: toCredits(BigInt(credits)),
  priceMinor: Number(priceMinor),
  currency,
  active,
});

/** Returns the price to store. Rejects one that is outside of the currency's limits. */
function packagePrice(minor: number, code: string): Pick<TopUpPackage, 'priceMinor' | 'roundedFromMinor'> {
  const { minMinor, maxMinor } = currencyOf(code);
  const { priceMinor, roundedFromMinor } = priceIn(BigInt(minor), code);
  if (priceMinor < minMinor || priceMinor > maxMinor) {
    const message = `priceMinor must be ${minMinor} to ${maxMinor} (${moneyText(minMinor, code)} to ${moneyText(maxMinor, code)})`;
    throw commonErrors.validation_failed({ errors: [{ field: 'priceMinor', message }] });
  }
  return {
    priceMinor: String(priceMinor),
    roundedFromMinor: roundedFromMinor === null ? null : String(roundedFromMinor),
  };
}

/** Manages the credit packages of an operator. */
@Injectable()
export class PackageService {
  constructor(
    private readonly db: Database,
    private readonly store: PackageStore,
    private readonly operators: OperatorService,
    private readonly events: EventService,
  ) {}

  async list({ operator }: Access, query: OperatorPackageQuery): Promise<Page<PackageView>> {
    const page = await this.store.page(this.db.reader, operator.id, query);
    return { ...page, items: page.items.map(toPackageView) };
  }

  listActive(access: OrganizationAccess, query: PackageQuery): Promise<Page<PackageView>> {
    return this.list(access, { ...query, active: true });
  }

  async view({ operator }: Access, id: string): Promise<PackageView> {
    const row = await this.store.find(this.db.reader, operator.id, id);
    if (!row) throw topUpErrors.package_not_found();
    return toPackageView(row);
  }

  create(access: Access, input: CreatePackage): Promise<PackageView> {
    const operatorId = access.operator.id;
    return this.db.transaction(async (tx) => {
      await this.operators.lock(tx, operatorId);
      if ((await this.store.count(tx, operatorId)) >= MAX_PACKAGES) throw topUpErrors.package_limit_reached();
      const id = newId();
      const { name, currency, active = true } = input;
      const credits = String(toMicro(input.credits));
      await this.store.insert(tx, {
        id,
        operatorId,
        name,
        credits,
        ...packagePrice(input.priceMinor, currency),
        currency,
        active,
      });
      const row = await this.lock(tx, access, id);
      await this.events.recordBy(tx, access, 'top_up_package.created', id, { after: toEventPayload(row) });
      return toPackageView(row);
    });
  }

  /** Updates a package. Existing top-ups keep their price because they store it themselves. */
  patch(access: Access, id: string, input: PatchPackage, ifMatch: string | undefined): Promise<PackageView> {
    return this.db.transaction(async (tx) => {
      const row = await this.lock(tx, access, id);
      assertMatches(ifMatch, etagOf(row.version));
      const { name, currency, active } = input;
      const wanted = {
        name,
        currency,
        active,
        credits: input.credits === undefined ? undefined : String(toMicro(input.credits)),
      };
      const given = definedOnly(wanted);
      const after: TopUpPackage = { ...row, ...given };
      if (input.priceMinor !== undefined || after.currency !== row.currency) {
        Object.assign(
          after,
          packagePrice(input.priceMinor ?? Number(row.roundedFromMinor ?? row.priceMinor), after.currency),
        );
      }
      const changes = changesOf(toEventPayload(row), toEventPayload(after));
      if (!changes) return toPackageView(row);
      await this.store.update(tx, after);
      await this.events.recordBy(tx, access, 'top_up_package.updated', id, changes);
      return toPackageView(await this.lock(tx, access, id));
    });
  }

  delete(access: Access, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const row = await this.lock(tx, access, id);
      await this.store.remove(tx, access.operator.id, id);
      await this.events.recordBy(tx, access, 'top_up_package.deleted', id, { before: toEventPayload(row) });
    });
  }

  private async lock(tx: Tx, { operator }: Access, id: string): Promise<TopUpPackage> {
    const row = await this.store.find(tx, operator.id, id, true);
    if (!row) throw topUpErrors.package_not_found();
    return row;
  }
}
