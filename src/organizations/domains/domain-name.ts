import { domainToASCII } from 'node:url';
import providers from 'email-providers';
import { parse } from 'tldts';
import { domainOf, normalizeText } from '../../common/validation/index.js';
import { domainErrors } from './domain.errors.js';

/** Domains where everyone can get an address. */
const PUBLIC = new Set(providers);

/** More such domains that the list lacks, of large providers and alias services. */
const ALSO_PUBLIC = ['privaterelay.appleid.com', 'users.noreply.github.com'];
for (const domain of ALSO_PUBLIC) PUBLIC.add(domain);

/** Normalizes a domain as in DNS: lower case, IDN in ASCII, no trailing dot. Empty if it is not a domain. */
export function asciiDomain(text: string): string {
  const plain = normalizeText(text).trim().toLowerCase();
  // Other characters would be parsed as part of a URL and cut off.
  return /[^\p{L}\p{M}\p{N}.\u3002-]/u.test(plain) ? '' : domainToASCII(plain).replace(/\.$/, '');
}

/** Returns the normalized domain of an email address. */
export const domainOfEmail = (email: string): string => asciiDomain(domainOf(email));

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** Normalizes a domain to be claimed. */
export function claimable(text: string): string {
  const domain = asciiDomain(text);
  const { isIp, publicSuffix, domain: registered } = parse(domain, { allowPrivateDomains: true });
  const plain = domain.length <= 253 && domain.split('.').every((label) => LABEL.test(label));
  if (!plain || isIp || !registered || domain === publicSuffix) throw domainErrors.invalid();
  if (PUBLIC.has(domain) || PUBLIC.has(registered)) throw domainErrors.public_domain();
  return domain;
}
