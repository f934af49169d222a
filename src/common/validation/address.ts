import { domainToASCII, domainToUnicode } from 'node:url';
import { isEmail } from 'class-validator';
import { isPrintable, normalizeText } from './text.js';

/**
 * A single plain mailbox without quotes, display name or list, which is safe to use in a header. Characters that are not seen
 * would make one address look like another.
 */
export const MAILBOX =
  /^[^\s"<>(),:;\\[\]@\p{Default_Ignorable_Code_Point}]+@[^\s"<>(),:;\\[\]@\p{Default_Ignorable_Code_Point}]+$/u;

const MAX_ADDRESS = 254;
const MAX_DOMAIN = 253;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/**
 * Characters that are no part of a domain name. A URL ends at some of them, and others are not seen. The two joiners are
 * letters in some scripts.
 */
const NO_DOMAIN = /[\0-,/:-`{-\x7f]|(?![\u200c\u200d])[\p{C}\p{Z}]/u;

/** Returns the part after the last `@`. */
export const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1);

/**
 * Normalizes a domain as in DNS: lower case, IDN in ASCII, no dot at the end. Returns an empty text if it is not the name of a
 * host. Numeric addresses are none.
 */
export function normalizeDomain(text: string): string {
  // An international name is never longer than its ASCII form. Converting takes time that grows with the square of the length.
  if (text.length > 2 * MAX_DOMAIN) return '';
  const plain = normalizeText(text).trim().toLowerCase();
  if (plain.length > MAX_DOMAIN + 1 || NO_DOMAIN.test(plain)) return '';
  const ascii = domainToASCII(plain).replace(/\.$/, '');
  const labels = ascii.split('.');
  const isName =
    ascii.length <= MAX_DOMAIN && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
  // Some ASCII forms that no name has are read nevertheless, such as `xn--abc-`.
  return isName && domainToASCII(domainToUnicode(ascii)) === ascii ? ascii : '';
}

/**
 * Normalizes an address for comparison, storage and sending: NFKC, lower case, the domain in ASCII. All ways to write one
 * mailbox become one text. An address whose domain is invalid loses it, so that it is no address.
 */
export function normalizeEmail(address: string): string {
  const plain = normalizeText(normalizeText(address).trim().toLowerCase());
  const at = plain.lastIndexOf('@');
  return at === -1 ? plain : `${plain.slice(0, at)}@${normalizeDomain(plain.slice(at + 1))}`;
}

/** Returns the normalized address, or null if the text is no single plain mailbox. */
export function mailboxOf(text: string): string | null {
  // Half surrogates first, because isEmail throws on them.
  if (/\p{Cs}/u.test(text)) return null;
  const email = normalizeEmail(text);
  return email.length <= MAX_ADDRESS && MAILBOX.test(email) && isPrintable(email) && isEmail(email) ? email : null;
}

/** Returns the ways in which others write an address, in lower case: with an international domain as text, and in ASCII. */
export function formsOfEmail(text: string): string[] {
  const email = normalizeEmail(text);
  const domain = domainOf(email);
  if (domain === '' || domain === email) return [text.toLowerCase()];
  const shown = email.slice(0, -domain.length) + domainToUnicode(domain);
  return [...new Set([text.toLowerCase(), email, shown])];
}

/**
 * Returns a searched text as addresses and domains are stored. A part of an international domain is left as it is, because its
 * ASCII form is no part of that of the domain.
 */
export function searchedAddress(text: string): string {
  const normalized = normalizeText(text).trim();
  const at = normalized.lastIndexOf('@');
  const written = normalized.slice(at + 1);
  const domain = /[^\0-\x7f].*[.\u3002]|[.\u3002].*[^\0-\x7f]/.test(written) ? normalizeDomain(written) : '';
  return domain ? normalized.slice(0, at + 1) + domain : text;
}
