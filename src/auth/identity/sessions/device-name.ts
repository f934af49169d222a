import bowser from 'bowser';

/** Returns browser and system without versions, which change with every update. Null if neither is known. */
function kindOf(userAgent: string) {
  const { browser, os, platform } = bowser.parse(userAgent);
  return browser.name || os.name ? { browser: browser.name, os: os.name, platform: platform.type } : null;
}

/**
 * Describes a user agent, for example `Firefox on Windows`. Null if neither part is known. Clients choose the user
 * agent freely, so use it for display only.
 */
export function deviceName(userAgent: string | null): string | null {
  const kind = userAgent ? kindOf(userAgent) : null;
  return kind && [kind.browser, kind.os].filter((name) => name).join(' on ');
}

/** Returns the same text for the same kind of device, also after an update of the browser. */
export function deviceKind(userAgent: string | null): string {
  const kind = userAgent ? kindOf(userAgent) : null;
  return kind ? [kind.browser, kind.os, kind.platform].join('\n') : (userAgent ?? '');
}
