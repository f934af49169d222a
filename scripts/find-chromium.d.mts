/** Returns the path of CHROMIUM, of the browser of the system, or of the one that npm installed. */
export function findChromium(): Promise<string>;
