import { defineErrors } from '../common/errors/index.js';

export const sampleDataErrors = defineErrors('sample_data', {
  not_available: [
    'conflict',
    'Sample data is for trying Trellis out on this machine. Use a server with a loopback BASE_URL and without SMTP_URL.',
  ],
  has_organizations: ['conflict', 'The operator has organizations already. Load sample data into a new operator.'],
});
