import { defineErrors } from '../../common/errors/index.js';

export const domainErrors = defineErrors('domains', {
  not_found: ['not_found', 'This organization has not claimed this domain.'],
  invalid: ['unprocessable', 'This is not a valid email domain.'],
  public_domain: ['unprocessable', 'This is a public email domain. An organization cannot claim it.'],
  already_claimed: ['conflict', 'This organization has claimed the domain already. Verify it instead.'],
  taken: ['conflict', 'The domain belongs to another organization. Ask it to release the domain.'],
  record_not_found: [
    'unprocessable',
    'The TXT record was not found. New records can take some time to spread. Try again later.',
  ],
  dns_failed: ['unprocessable', 'The DNS lookup failed. Try again.'],
  limit_reached: ['conflict', 'The limit of domains of this organization is reached. Remove one first.'],
});
