/** Tells whether `to` is a path of the console. Anyone can write the address of the sign-in, so it leads nowhere else. */
export const isConsolePath = (to: unknown): to is string =>
  typeof to === 'string' && /^\/(?![/\\])/.test(to) && !/[\p{Cc}\\]/u.test(to) && to.length <= 2000;

/** What a program on this machine asks for in the address (RFC 8252, RFC 7636). */
export interface ProgramSearch {
  redirect_uri?: string;
  code_challenge?: string;
  state?: string;
}

export const programSearch = ({ redirect_uri, code_challenge, state }: Record<string, unknown>): ProgramSearch => ({
  ...(typeof redirect_uri === 'string' && { redirect_uri }),
  ...(typeof code_challenge === 'string' && { code_challenge }),
  // The router reads a state of digits as a number.
  ...((typeof state === 'string' || typeof state === 'number') && { state: String(state) }),
});

export interface SignInSearch {
  to?: string;
  email?: string;
}

/** Reads what the pages of the sign-in have in common in their address. */
export const signInSearch = ({ to, email }: Record<string, unknown>): SignInSearch => ({
  ...(isConsolePath(to) && { to }),
  ...(typeof email === 'string' && email && { email }),
});
