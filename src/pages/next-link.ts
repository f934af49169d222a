import type { Page } from './page.js';
import type { PageTheme } from './page-context.js';

/** Where the user goes on in the console. */
export interface NextStep {
  /** Who signs in. */
  email?: string;
  /** The organization to open. */
  slug?: string;
}

/**
 * Returns the link that a page about `theme` ends in. The app of an organization is linked on its own pages only. They show
 * its host, because any organization may name any address.
 */
export function nextLink(
  path: string,
  theme: PageTheme | undefined,
  { email, slug }: NextStep,
): NonNullable<Page['link']> {
  const label = `Continue to ${theme?.name ?? 'the console'}`;
  if (theme?.appUrl) return { href: theme.appUrl, label, button: true, host: new URL(theme.appUrl).host };
  const up = '../'.repeat(path.split('/').length - 1) || './';
  const query = new URLSearchParams({ ...(slug && { to: `/o/${slug}` }), ...(email && { email }) }).toString();
  return { href: query ? `${up}sign-in?${query}` : up, label, button: true };
}
