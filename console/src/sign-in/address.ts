/** Tells whether `to` is a path of the console. Anyone can write the address of the sign-in, so it leads nowhere else. */
export const isConsolePath = (to: unknown): to is string =>
  typeof to === 'string' && /^\/(?![/\\])/.test(to) && !/[\u0000-\u001f\\]/.test(to) && to.length <= 2000;

export interface SignInSearch {
  to?: string;
  email?: string;
}

/** Reads what the pages of the sign-in have in common in their address. */
export const signInSearch = ({ to, email }: Record<string, unknown>): SignInSearch => ({
  ...(isConsolePath(to) && { to }),
  ...(typeof email === 'string' && email && { email }),
});
