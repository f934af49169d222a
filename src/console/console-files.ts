import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that `npm run build` fills from console/. */
const BUILT = fileURLToPath(new URL('../../console/dist/site/', import.meta.url));

/** Where the files of the console are served. The build writes this path into the document. */
export const FILES_PATH = '/console/';
export const ASSETS_FOLDER = path.join(BUILT, 'assets');

/** Returns the document of the console, null if it was not built. */
export function readDocument(): string | null {
  const file = path.join(BUILT, 'index.html');
  return existsSync(file) && existsSync(ASSETS_FOLDER) ? readFileSync(file, 'utf8') : null;
}
