import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedServerError } from './error.js';
import { canEnter, giveTo, ROOT_FOLDERS, rootFolder, serverUser, isRoot, type ServerUser } from './user.js';

/** Systems refuse the path of a socket that has more than 103 characters; its file is named `.s.PGSQL.<port>`. */
const MAX_SOCKET_FOLDER = 85;

/** The resolved data folder and the user that owns it. `<dir>.secret`, `.owner` and `.log` are its siblings. */
export interface DataFolder {
  dir: string;
  user: ServerUser;
  /** The folder around `dir`, to be removed when the server has stopped. */
  temporary?: string;
}

/** Tells whether the server in this folder listens on a Unix socket too: only temporary ones do. */
export function hasSocket({ dir, temporary }: DataFolder): boolean {
  return temporary !== undefined && process.platform !== 'win32' && dir.length <= MAX_SOCKET_FOLDER;
}

/** Tells whether initdb has finished in this folder. */
export function hasData(dir: string): boolean {
  return existsSync(path.join(dir, 'PG_VERSION'));
}

/**
 * Resolves the data folder, which need not exist yet. If this process runs as root and the server's user cannot reach
 * `dataDir`, the data is kept below /var/lib/trellis (or /var/tmp/trellis) and a file `WHERE` beside `dataDir` says so.
 * Throws EmbeddedServerError if existing data belongs to another user or cannot be reached.
 */
export function findDataFolder(dataDir: string): DataFolder {
  const wanted = path.resolve(dataDir);
  mkdirSync(path.dirname(wanted), { recursive: true });
  const parent = realpathSync(path.dirname(wanted));
  const plain = path.join(parent, path.basename(wanted));
  const dir = existsSync(plain) ? realpathSync(plain) : plain;
  if (!isRoot()) {
    const owner = statSync(dir, { throwIfNoEntry: false })?.uid;
    if (owner === undefined || owner === process.getuid?.()) return { dir, user: serverUser() };
    throw new EmbeddedServerError(
      `The database files in ${dir} belong to another user (uid ${owner}). Start Trellis as that user.`,
    );
  }
  if (hasData(dir)) return existingFolder(dir);
  const moved = readWhere(dir);
  if (moved) return hasData(moved) ? existingFolder(moved) : { dir: moved, user: serverUser() };
  const user = serverUser();
  return { dir: canEnter(path.dirname(dir), user) ? dir : settleElsewhere(dir, user), user };
}

function existingFolder(dir: string): DataFolder {
  const { uid } = statSync(dir);
  if (uid === 0) {
    const name = serverUser().name;
    throw new EmbeddedServerError(
      `The database files in ${dir} belong to root, but PostgreSQL does not run as root. Run: chown -R ${name} ${dir}`,
    );
  }
  const user = serverUser(uid);
  if (canEnter(dir, user)) return { dir, user };
  throw new EmbeddedServerError(
    `The database files are in ${dir}, which its owner ${user.name} cannot enter. Make the folders above it accessible (chmod o+x).`,
  );
}

/** Creates an empty folder for a server that ends with this process. */
export function makeTemporaryFolder(): DataFolder {
  const user = serverUser();
  const base =
    [os.tmpdir(), '/tmp', '/var/tmp'].find((dir) => existsSync(dir) && canEnter(dir, user)) ?? rootFolder(user);
  const temporary = mkdtempSync(path.join(realpathSync(base), 'trellis-pg-'));
  giveTo(user, temporary);
  return { dir: path.join(temporary, 'data'), user, temporary };
}

/** Looks up `dir` in the file WHERE beside it. The first matching line counts. */
function readWhere(dir: string): string | undefined {
  const file = path.join(path.dirname(dir), 'WHERE');
  if (!existsSync(file)) return undefined;
  const start = `${dir} -> `;
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(start));
  const place = line?.slice(start.length).trim();
  if (place === undefined || ROOT_FOLDERS.includes(path.dirname(place))) return place;
  throw new EmbeddedServerError(`${file} names ${place}, which must be directly below ${ROOT_FOLDERS.join(' or ')}.`);
}

/**
 * Picks another place for the data and records it in WHERE. Places that already contain data are skipped: their WHERE
 * file was deleted on purpose. Lines are only appended, so two simultaneous starts agree on the first line.
 */
function settleElsewhere(dir: string, user: ServerUser): string {
  const base = path.join(rootFolder(user), createHash('sha256').update(dir).digest('hex').slice(0, 16));
  let place = base;
  for (let n = 2; hasData(place); n++) place = `${base}-${n}`;
  const file = path.join(path.dirname(dir), 'WHERE');
  const text =
    `The database does not run as root, and its user ${user.name} cannot enter this folder.\n` +
    'Its files are therefore kept in the place that the next line names. If you delete that line, the next start\n' +
    'creates an empty database, and the files stay where they are.\n' +
    `${dir} -> ${place}\n`;
  appendFileSync(file, text);
  return readWhere(dir) ?? place;
}
