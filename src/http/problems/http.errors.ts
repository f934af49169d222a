import { defineErrors } from '../../common/errors/index.js';

/** Access errors that any route can return. Modules have their own codes for specific reasons. */
export const httpErrors = defineErrors('', {
  unauthenticated: ['unauthenticated', 'Send a valid access token or API key.'],
  forbidden: ['forbidden', 'You do not have the permission to do this.'],
});
