/** The rules of the payment provider for one currency. All amounts are in the smallest unit that the provider counts in. */
export interface Currency {
  /** The ISO 4217 code. */
  code: string;
  /** The digits after the decimal point, as the provider counts them. They can differ from ISO 4217. */
  decimals: number;
  /** Amounts must be a multiple of this. */
  step: number;
  minMinor: number;
  maxMinor: number;
}

const words = (text: string): string[] => text.trim().split(/\s+/);

/** The currencies that Stripe accepts (https://docs.stripe.com/currencies). */
const CODES = words(`
  AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP
  CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY
  KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
  NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SVC SZL THB TJS TND
  TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW
`);

const ZERO_DECIMALS = new Set(words('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'));
/** Card networks take two of their three decimals, so the last digit must be 0. */
const THREE_DECIMALS = new Set(words('BHD JOD KWD OMR TND'));
/** Have no decimals any more, but are still sent with two, which must be 00. */
const WHOLE_UNITS = new Set(words('ISK UGX'));

/**
 * The least charges, by the provider's table for settlement currencies. The provider lists no others, so a currency without one
 * starts at its smallest payable amount. If it settles in another currency, the provider may still refuse it as too small.
 */
const MIN_MINOR: Record<string, number> = {
  AED: 200,
  AUD: 50,
  BGN: 100,
  BRL: 50,
  CAD: 50,
  CHF: 50,
  CZK: 1500,
  DKK: 250,
  EUR: 50,
  GBP: 30,
  HKD: 400,
  HUF: 17_500,
  INR: 50,
  JPY: 50,
  MXN: 1000,
  MYR: 200,
  NOK: 300,
  NZD: 50,
  PLN: 200,
  RON: 200,
  SEK: 300,
  SGD: 50,
  THB: 1000,
  USD: 50,
};

/**
 * The digits that the provider accepts where they are more than eight: for COP, HUF, JPY and LBP only by card. Its page also gives
 * amounts for these, which are larger than their digits allow. The digits count here, so that no payment is refused.
 */
const MAX_MINOR: Record<string, number> = {
  COP: 9_999_999_999,
  HUF: 9_999_999_999,
  IDR: 999_999_999_999,
  INR: 999_999_999,
  JPY: 9_999_999_999,
  LBP: 99_999_999_999,
};
const DEFAULT_MAX_MINOR = 99_999_999;
/** The largest amount in any currency. */
export const LARGEST_MINOR = Math.max(...Object.values(MAX_MINOR));

function toCurrency(code: string): Currency {
  const decimals = ZERO_DECIMALS.has(code) ? 0 : THREE_DECIMALS.has(code) ? 3 : 2;
  const step = THREE_DECIMALS.has(code) ? 10 : WHOLE_UNITS.has(code) ? 100 : 1;
  const max = MAX_MINOR[code] ?? DEFAULT_MAX_MINOR;
  return { code, decimals, step, minMinor: MIN_MINOR[code] ?? step, maxMinor: max - (max % step) };
}

export const CURRENCIES: ReadonlyMap<string, Currency> = new Map(CODES.map((code) => [code, toCurrency(code)]));

/** Returns the rules of a currency. A code that is no longer accepted has two decimals and no other rules. */
export const currencyOf = (code: string): Currency => CURRENCIES.get(code) ?? toCurrency(code);

/** Rounds an amount up to one that can be charged in the currency. */
export function roundUpToStep(minor: bigint, { step }: Currency): bigint {
  const size = BigInt(step);
  return ((minor + size - 1n) / size) * size;
}

/** Formats an amount in the smallest unit of its currency, for example `12.50 EUR`, `150 JPY` or `5.120 KWD`. */
export function moneyText(minor: number | bigint, code: string): string {
  const { decimals } = currencyOf(code);
  const amount = BigInt(minor);
  const sign = amount < 0n ? '-' : '';
  const digits = String(amount < 0n ? -amount : amount).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  return `${sign}${digits.slice(0, point)}${decimals > 0 ? `.${digits.slice(point)}` : ''} ${code}`;
}
