import bowser from 'bowser';

/** What a user agent is, without its versions: those change with every update. Null where nothing is known of it. */
function kindOf(userAgent: string) {
  const { browser, os, platform } = bowser.parse(userAgent);
  return browser.name || os.name ? { browser: browser.name, os: os.name, platform: platform.type } : null;
}

/**
 * A user agent in a person's words, `Firefox on Windows`; null where nothing is known of it. It is what the client says it
 * is: fit to be shown, and to decide nothing.
 */
export function deviceName(userAgent: string | null): string | null {
  const kind = userAgent ? kindOf(userAgent) : null;
  return kind && [kind.browser, kind.os].filter((name) => name).join(' on ');
}

/** The same text for what is the same device as far as it can be told: also after an update of the browser. */
export function deviceKind(userAgent: string | null): string {
  const kind = userAgent ? kindOf(userAgent) : null;
  return kind ? [kind.browser, kind.os, kind.platform].join('\n') : (userAgent ?? '');
}
