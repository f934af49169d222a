import { defineErrors } from '../../common/errors/index.js';

export const contentErrors = defineErrors('content', {
  not_found: ['not_found', 'This document does not exist, or it is not published to this organization.'],
  key_taken: ['conflict', 'Another document of this kind has this key. Choose a different one.'],
  limit_reached: ['conflict', 'An operator can have at most 1000 documents of a kind. Remove one first.'],
  too_many_versions: ['conflict', 'A document can have at most 500 versions. Create another document.'],
  draft_exists: ['conflict', 'The newest version is still a draft. Change that draft, or publish it first.'],
  version_published: [
    'conflict',
    'Published versions never change. Create the next version (POST …/versions). Only `audience` can change without one.',
  ],
  version_scheduled: ['conflict', 'This version is scheduled for publication. Cancel that first.'],
  published: ['conflict', 'This document was published, so it cannot be deleted. Withdraw it instead.'],
  publishing: ['conflict', 'Another version of this document is being published. Wait until it is finished.'],
  not_published: ['conflict', 'This document is not published, and no publication is scheduled.'],
  publication_started: [
    'conflict',
    'The publication has started, so it cannot be cancelled. Withdraw the document instead.',
  ],
  publication_not_found: ['not_found', 'This document was never published.'],
  version_not_found: ['not_found', 'This version does not exist.'],
  unknown_version: ['unprocessable', 'This version does not exist, or organizations cannot use it yet.'],
  unknown_organization: ['unprocessable', 'The audience names organizations that do not exist at this operator.'],
  invalid_json: ['unprocessable', 'The body of a document in the format `json` must be valid JSON.'],
  unknown_field: ['unprocessable', 'The document has no field of this name.'],
  field_locked: ['conflict', 'The operator locked this field, so it cannot be overridden.'],
  wrong_type: ['unprocessable', 'The value does not fit the type of the field.'],
  too_large: ['unprocessable', 'The document becomes too large with these values.'],
  too_complex: ['unprocessable', 'The document takes too long to render. Simplify its Markdown.'],
});
