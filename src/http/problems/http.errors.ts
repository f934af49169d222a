import { defineErrors } from '../../common/errors/index.js';

/** What the frame itself refuses about who is asking; modules have their own codes for particular reasons. */
export const httpErrors = defineErrors('', {
  unauthenticated: ['unauthenticated', 'Send a valid access token or API key.'],
  forbidden: ['forbidden', 'You may not do this.'],
});
