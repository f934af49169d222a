const DIGITS = 6;

/** Formats a number for people, for example `R-000012`. */
export const numberText = (number: string): string => `R-${number.padStart(DIGITS, '0')}`;
