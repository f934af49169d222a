import { currencyOf, LARGEST_MINOR, toCredits } from '../../../common/money/index.js';
import { PageQuery } from '../../../common/pagination/index.js';
import {
  BooleanField,
  CreditsField,
  CurrencyField,
  DateTimeField,
  DecimalsField,
  EnumField,
  EtagField,
  IntegerField,
  QueryBooleanField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { RoundedFromField } from '../price.js';
import type { TopUpPackage } from './package.entity.js';
import { versionAndEtag } from '../../../http/index.js';

const SORTS = ['price', '-price', 'createdAt', '-createdAt'] as const;
const PRICE = {
  min: 1,
  max: LARGEST_MINOR,
  description:
    'In the smallest unit of the currency, for example cents for USD or whole yen for JPY. Rounded up where the currency ' +
    'allows only some amounts, see `roundedFromMinor`.',
};

export class PackageQuery extends PageQuery {
  @EnumField(SORTS, { optional: true, default: 'price' })
  sort?: (typeof SORTS)[number];
}

export class OperatorPackageQuery extends PackageQuery {
  @QueryBooleanField({ description: 'Return only active packages, or only inactive ones.' })
  active?: boolean;
}

export class CreatePackage {
  @TextField({ max: 100, example: 'Starter' })
  name: string;

  @CreditsField({ example: '1000' })
  credits: string;

  @IntegerField({ ...PRICE, example: 9900 })
  priceMinor: number;

  @CurrencyField()
  currency: string;

  @BooleanField({ optional: true, default: true, description: 'Organizations can buy this package.' })
  active?: boolean;
}

export class PatchPackage {
  @TextField({ max: 100, optional: true })
  name?: string;

  @CreditsField({ optional: true })
  credits?: string;

  @IntegerField({ ...PRICE, optional: true })
  priceMinor?: number;

  @CurrencyField({ optional: true })
  currency?: string;

  @BooleanField({ optional: true })
  active?: boolean;
}

export class PackageView {
  @UuidField()
  id: string;

  @TextField()
  name: string;

  @CreditsField()
  credits: string;

  @IntegerField(PRICE)
  priceMinor: number;

  @RoundedFromField()
  roundedFromMinor: number | null;

  @CurrencyField()
  currency: string;

  @DecimalsField()
  currencyDecimals: number;

  @BooleanField()
  active: boolean;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647, description: 'Increases with each change. Used as the ETag.' })
  version: number;

  @EtagField()
  etag: string;
}

export const toPackageView = (row: TopUpPackage): PackageView => ({
  id: row.id,
  name: row.name,
  credits: toCredits(BigInt(row.credits)),
  priceMinor: Number(row.priceMinor),
  roundedFromMinor: row.roundedFromMinor === null ? null : Number(row.roundedFromMinor),
  currency: row.currency,
  currencyDecimals: currencyOf(row.currency).decimals,
  active: row.active,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  ...versionAndEtag(row.version),
});
