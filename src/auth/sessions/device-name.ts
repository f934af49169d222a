import bowser from 'bowser';

/**
 * A user agent in a person's words, `Firefox on Windows`; null where nothing is known of it. It is what the client says it
 * is: fit to be shown, and to decide nothing.
 */
export function deviceName(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const { browser, os } = bowser.parse(userAgent);
  const names = [browser.name, os.name].filter((name) => name);
  return names.length > 0 ? names.join(' on ') : null;
}
