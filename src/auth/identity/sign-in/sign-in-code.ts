/** Tells the user what to do with a code that a page shows because the browser has nowhere to keep a session. */
export const SIGN_IN_CODE_HINT =
  'Go back to the app you are signing in to, and enter this code there. It works once. Never give it to anyone who asks for it: anyone who has the code can sign in as you.';
