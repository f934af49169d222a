import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedServerError } from './embedded-error.js';
import { canEnter, giveTo, ROOT_FOLDERS, rootFolder, serverUser, weAreRoot, type ServerUser } from './embedded-user.js';

/** Where the data really are, and who may touch them. Beside `dir` lie `<dir>.secret`, `.owner` and `.log`. */
export interface DataFolder {
  dir: string;
  user: ServerUser;
  /** A folder around `dir` that is to be removed in the end. */
  temporary?: string;
}

/** Whether initdb has finished here. */
export function hasData(dir: string): boolean {
  return existsSync(path.join(dir, 'PG_VERSION'));
}

/**
 * Finds the place of the data, which need not exist yet. As root it is another than `dataDir` when the server's user
 * cannot reach that: below /var/lib/trellis (or /var/tmp/trellis), as a file `WHERE` beside `dataDir` then says.
 * Throws EmbeddedServerError when the data there belong to somebody else or cannot be reached.
 */
export function findDataFolder(dataDir: string): DataFolder {
  const wanted = path.resolve(dataDir);
  mkdirSync(path.dirname(wanted), { recursive: true });
  const parent = realpathSync(path.dirname(wanted));
  const plain = path.join(parent, path.basename(wanted));
  const dir = existsSync(plain) ? realpathSync(plain) : plain;
  if (!weAreRoot()) {
    const owner = statSync(dir, { throwIfNoEntry: false })?.uid;
    if (owner === undefined || owner === process.getuid?.()) return { dir, user: serverUser() };
    throw new EmbeddedServerError(
      `The database files in ${dir} belong to another user (uid ${owner}): start as that user.`,
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
      `The database files in ${dir} belong to root, as whom PostgreSQL does not run: chown -R ${name} ${dir}`,
    );
  }
  const user = serverUser(uid);
  if (canEnter(dir, user)) return { dir, user };
  throw new EmbeddedServerError(
    `The database files are in ${dir}, which their owner ${user.name} cannot enter: open the folders above it (chmod o+x).`,
  );
}

/** A new empty folder for a server that lives no longer than this process. */
export function makeTemporaryFolder(): DataFolder {
  const user = serverUser();
  const base =
    [os.tmpdir(), '/tmp', '/var/tmp'].find((dir) => existsSync(dir) && canEnter(dir, user)) ?? rootFolder(user);
  const temporary = mkdtempSync(path.join(realpathSync(base), 'trellis-pg-'));
  giveTo(user, temporary);
  return { dir: path.join(temporary, 'data'), user, temporary };
}

/** Looks `dir` up in the file WHERE beside it; the first line about it counts. */
function readWhere(dir: string): string | undefined {
  const file = path.join(path.dirname(dir), 'WHERE');
  if (!existsSync(file)) return undefined;
  const start = `${dir} -> `;
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(start));
  const place = line?.slice(start.length).trim();
  if (place === undefined || ROOT_FOLDERS.includes(path.dirname(place))) return place;
  throw new EmbeddedServerError(`${file} names ${place}, which is not directly below ${ROOT_FOLDERS.join(' or ')}.`);
}

/**
 * Picks a place elsewhere and notes it in WHERE. A place with data but without its note is left alone: whoever deleted
 * the folder with the note has begun anew. Lines are only appended, so two starts at once agree on the first.
 */
function settleElsewhere(dir: string, user: ServerUser): string {
  const base = path.join(rootFolder(user), createHash('sha256').update(dir).digest('hex').slice(0, 16));
  let place = base;
  for (let n = 2; hasData(place); n++) place = `${base}-${n}`;
  const file = path.join(path.dirname(dir), 'WHERE');
  const text =
    `The database does not run as root, and its user ${user.name} cannot enter this folder.\n` +
    'So its files are kept elsewhere, as the next line says. Without that line the next start begins with an\n' +
    'empty database, and the files stay where they are.\n' +
    `${dir} -> ${place}\n`;
  appendFileSync(file, text);
  return readWhere(dir) ?? place;
}
