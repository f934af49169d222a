import { applyDecorators } from '@nestjs/common';
import { IsString, Length, ValidateBy } from 'class-validator';
import { currencyOf, LARGEST_MINOR, toCredits } from '../../../common/money/index.js';
import {
  CreditsField,
  CurrencyField,
  DecimalsField,
  EtagField,
  IntegerField,
  ListField,
  ObjectListField,
  TextField,
} from '../../../common/validation/index.js';
import type { Terms } from './terms.types.js';
import { versionAndEtag } from '../../../http/index.js';

const isOrigin = (value: unknown): boolean => {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, origin } = new URL(value);
  return ['http:', 'https:'].includes(protocol) && origin === value;
};

const OriginsField = (optional: boolean) =>
  ListField(
    applyDecorators(
      IsString({ each: true }),
      Length(1, 300, { each: true }),
      ValidateBy(
        {
          name: 'origin',
          validator: {
            validate: isOrigin,
            defaultMessage: () => 'each value in $property must be an origin, such as https://app.example.com',
          },
        },
        { each: true },
      ),
    ),
    {
      max: 20,
      optional,
      description: 'Origins that a checkout may return to, in addition to BASE_URL. Without a path.',
    },
  );

const PRICE =
  'Price of one credit without a package, in the smallest unit of the currency: "100" is one dollar, "0.5" is half a cent.';
const BANK = 'Shown to payers who pay by bank transfer. Null means that bank transfers are not accepted.';

export class PatchTerms {
  @CurrencyField({ optional: true })
  currency?: string;

  @CreditsField({ optional: true, example: '100', description: PRICE })
  creditPriceMinor?: string;

  @OriginsField(true)
  returnOrigins?: string[];

  @TextField({ max: 1000, multiline: true, optional: true, nullable: true, description: BANK })
  bankDetails?: string | null;
}

export class CurrencyView {
  @CurrencyField()
  code: string;

  @DecimalsField()
  decimals: number;

  @IntegerField({ min: 1, max: 100, description: 'Amounts are multiples of this. Prices are rounded up to one.' })
  step: number;

  @IntegerField({ min: 1, max: LARGEST_MINOR, description: 'The smallest payment, in the smallest unit.' })
  minMinor: number;

  @IntegerField({ min: 1, max: LARGEST_MINOR, description: 'The largest payment, in the smallest unit.' })
  maxMinor: number;
}

export class CurrencyListView {
  @ObjectListField(() => CurrencyView)
  items: CurrencyView[];
}

export class TermsView {
  @CurrencyField()
  currency: string;

  @DecimalsField()
  currencyDecimals: number;

  @CreditsField({ example: '100', description: PRICE })
  creditPriceMinor: string;

  @OriginsField(false)
  returnOrigins: string[];

  @TextField({ max: 1000, multiline: true, nullable: true, description: BANK })
  bankDetails: string | null;

  @IntegerField({ min: 0, max: 2_147_483_647, description: 'Increases with each change. Used as the ETag.' })
  version: number;

  @EtagField()
  etag: string;
}

export const toTermsView = ({ currency, creditPrice, returnOrigins, bankDetails, version }: Terms): TermsView => ({
  currency,
  currencyDecimals: currencyOf(currency).decimals,
  creditPriceMinor: toCredits(creditPrice),
  returnOrigins,
  bankDetails,
  ...versionAndEtag(version),
});
