import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeZone } from './timeZone';

const RELATIVE_UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** Returns functions that write dates and numbers in the user's language and time zone. */
export function useFormat() {
  const { language } = useTranslation().i18n;
  const timeZone = useTimeZone();
  return useMemo(() => {
    const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone });
    const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone });
    const number = new Intl.NumberFormat(language);
    const credits = new Intl.NumberFormat(language, { maximumFractionDigits: 6 });
    const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
    return {
      date: (value: string | Date) => date.format(new Date(value)),
      dateTime: (value: string | Date) => dateTime.format(new Date(value)),
      number: (value: number) => number.format(value),
      /** Credits are decimal strings, which may have more digits than a number. */
      credits: (value: string) => credits.format(value as Intl.StringNumericLiteral),
      /** The decimals come from the server, because payment providers count some currencies in other units than Intl. */
      money: (minor: number, { currency, currencyDecimals: digits }: { currency: string; currencyDecimals: number }) =>
        new Intl.NumberFormat(language, {
          style: 'currency',
          currency,
          minimumFractionDigits: digits,
          maximumFractionDigits: digits,
        }).format(minor / 10 ** digits),
      /** “3 hours ago”. Dates older than a month are written out. */
      ago: (value: string | Date) => {
        const seconds = (new Date(value).getTime() - Date.now()) / 1000;
        if (Math.abs(seconds) > 30 * 86_400) return date.format(new Date(value));
        const [unit, size] = RELATIVE_UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
        return relative.format(Math.round(seconds / size), unit);
      },
    };
  }, [language, timeZone]);
}
