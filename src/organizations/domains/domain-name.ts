import providers from 'email-providers';
import { parse } from 'tldts';
import { domainOf, normalizeDomain } from '../../common/validation/index.js';
import { domainErrors } from './domain.errors.js';

/** Domains where everyone can get an address. */
const PUBLIC = new Set(providers);

/** More such domains that the list lacks, of large providers and alias services. */
const ALSO_PUBLIC = ['privaterelay.appleid.com', 'users.noreply.github.com'];
for (const domain of ALSO_PUBLIC) PUBLIC.add(domain);

/** Returns the normalized domain of an email address. */
export const domainOfEmail = (email: string): string => normalizeDomain(domainOf(email));

/** Normalizes a domain to be claimed. */
export function claimable(text: string): string {
  const domain = normalizeDomain(text);
  const { isIp, publicSuffix, domain: registered } = parse(domain, { allowPrivateDomains: true });
  if (!domain || isIp || !registered || domain === publicSuffix) throw domainErrors.invalid();
  if (PUBLIC.has(domain) || PUBLIC.has(registered)) throw domainErrors.public_domain();
  return domain;
}
