import { existsSync } from 'node:fs';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Returns the path of CHROMIUM, of the browser of the system, or of the one that npm installed. */
export async function findChromium() {
  const found = [process.env.CHROMIUM, ...INSTALLED].find((file) => file && existsSync(file));
  if (found) return found;
  // Read when the package is loaded: unpacks the libraries that a small system lacks.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs20.x';
  const { default: packed } = await import('@sparticuz/chromium');
  return packed.executablePath();
}
