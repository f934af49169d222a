/** Control characters, half surrogates, and the marks that turn the reading direction (used to disguise names). */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** The same, with line breaks and tabs allowed. */
const UNPRINTABLE_IN_LINES = /[^\P{Cc}\n\r\t]|[\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

export const isPrintable = (text: string, multiline = false): boolean =>
  !(multiline ? UNPRINTABLE_IN_LINES : UNPRINTABLE).test(text);

/** Everything but spaces, marks, control and format characters, and the letters that fonts draw as nothing. */
const VISIBLE = /[^\p{C}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;

/** Whether `text` shows anything at all. */
export const isVisible = (text: string): boolean => VISIBLE.test(text);

/** What stands behind the last `@`. */
export const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1);

/** What is compared and stored: compatibility forms folded, no space around, lower case. */
export const normalizeEmail = (address: string): string => address.normalize('NFKC').trim().toLowerCase();

/** One plain mailbox: no quoted local part, no display name, no list, so that it can be put into a header as it is. */
export const MAILBOX = /^[^\s"<>(),:;\\[\]@]+@[^\s"<>(),:;\\[\]@]+$/;
