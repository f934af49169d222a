import { defineErrors } from '../../common/errors/index.js';

export const domainErrors = defineErrors('domains', {
  not_found: ['not_found', 'There is no such domain in this organization.'],
  invalid: ['unprocessable', 'This is no domain that can have mail addresses of its own.'],
  public_domain: ['unprocessable', 'Anybody can have a mail address there: it cannot belong to an organization.'],
  already_claimed: ['conflict', 'This organization has claimed the domain already.'],
  taken: ['conflict', 'The domain belongs to another organization.'],
  record_not_found: [
    'unprocessable',
    'The DNS has no such TXT record yet. New records can take some time to be seen everywhere.',
  ],
  dns_failed: ['unprocessable', 'The DNS could not be asked. Try again.'],
  limit_reached: ['conflict', 'An organization has at most 100 domains. Remove one first.'],
});
