import { domainToASCII } from 'node:url';
import providers from 'email-providers';
import { parse } from 'tldts';
import { domainOf } from '../../common/validation/index.js';
import { domainErrors } from './domain.errors.js';

/** Domains where anybody can get himself an address. */
const PUBLIC = new Set(providers);

/** Of the same kind, and not on the list: what a new account of a large provider or an alias service gets. */
const ALSO_PUBLIC = ['privaterelay.appleid.com', 'users.noreply.github.com'];
for (const domain of ALSO_PUBLIC) PUBLIC.add(domain);

/** As DNS has it: lower case, IDN in its ASCII form, without the dot at the end; empty when it is no domain. */
export function asciiDomain(text: string): string {
  const plain = text.normalize('NFKC').trim().toLowerCase();
  // What is no part of a name would be read as that of a URL, and cut off.
  return /[^\p{L}\p{M}\p{N}.\u3002-]/u.test(plain) ? '' : domainToASCII(plain).replace(/\.$/, '');
}

/** The domain of a mail address, as DNS has it. */
export const domainOfEmail = (email: string): string => asciiDomain(domainOf(email));

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** The domain to be claimed. Throws domains.invalid, domains.public_domain. */
export function claimable(text: string): string {
  const domain = asciiDomain(text);
  const { isIp, publicSuffix, domain: registered } = parse(domain, { allowPrivateDomains: true });
  const plain = domain.length <= 253 && domain.split('.').every((label) => LABEL.test(label));
  if (!plain || isIp || !registered || domain === publicSuffix) throw domainErrors.invalid();
  if (PUBLIC.has(domain) || PUBLIC.has(registered)) throw domainErrors.public_domain();
  return domain;
}
