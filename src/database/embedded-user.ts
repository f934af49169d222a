import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { EmbeddedServerError } from './embedded-error.js';

/** Whom the database server runs as. PostgreSQL refuses uid 0; without ids it runs as ourselves. */
export interface ServerUser {
  name: string;
  ids: { uid?: number; gid?: number };
}

export function weAreRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The user for the server: ourselves, unless we are root. Then it is the owner of data that already exist, else
 * `postgres`, else `nobody`.
 * @param dataOwner uid of the owner of existing data
 */
export function serverUser(dataOwner?: number): ServerUser {
  if (!weAreRoot()) return { name: 'this user', ids: {} };
  const rows = passwdRows();
  const row =
    dataOwner === undefined
      ? (rows.find(({ name }) => name === 'postgres') ?? rows.find(({ name }) => name === 'nobody'))
      : rows.find(({ uid }) => uid === dataOwner);
  if (row) return { name: row.name, ids: { uid: row.uid, gid: row.gid } };
  throw new EmbeddedServerError(
    dataOwner === undefined
      ? 'PostgreSQL does not run as root, and /etc/passwd names neither postgres nor nobody to run it instead.'
      : `The database files belong to uid ${dataOwner}, whom /etc/passwd does not name; PostgreSQL cannot run as them.`,
  );
}

function passwdRows(): { name: string; uid: number; gid: number }[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines.map((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return { name, uid: Number(uid), gid: Number(gid) };
  });
}

/** Whether this user may pass through `dir` and every folder above it. Asked of the system, since ACLs count too. */
export function canEnter(dir: string, { ids }: ServerUser): boolean {
  if (ids.uid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', dir], { ...ids, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** Where root keeps what the server's user could not reach at its own place. Each is `mkdir`ed when first needed. */
export const ROOT_FOLDERS = ['/var/lib/trellis', '/var/tmp/trellis'];

/** The first of ROOT_FOLDERS that can be used. One that another user made, or may write to, is not. */
export function rootFolder(user: ServerUser): string {
  const found = ROOT_FOLDERS.find((dir) => makeOwnFolder(dir, 0o755) && canEnter(dir, user));
  if (found) return found;
  throw new EmbeddedServerError(
    `The database user ${user.name} cannot reach this folder, and neither ${ROOT_FOLDERS.join(' nor ')} can be used.`,
  );
}

/** Makes the folder if need be; true when it is ours alone, so that nobody can have prepared what lies in it. */
export function makeOwnFolder(dir: string, mode: number): boolean {
  try {
    mkdirSync(dir, { recursive: true });
    const stat = lstatSync(dir);
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return false;
    if ((stat.mode & 0o777) !== mode) {
      if (stat.mode & 0o022) return false;
      chmodSync(dir, mode);
    }
    return true;
  } catch {
    return false;
  }
}

/** Hands a file or folder to the server's user; nothing to do where that is ourselves. */
export function giveTo({ ids }: ServerUser, item: string): void {
  if (ids.uid !== undefined && ids.gid !== undefined) chownSync(item, ids.uid, ids.gid);
}
