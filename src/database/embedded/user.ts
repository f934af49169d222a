import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { EmbeddedServerError } from './error.js';

/** The user that runs the database server. Without ids it is the current user. PostgreSQL refuses uid 0. */
export interface ServerUser {
  name: string;
  ids: { uid?: number; gid?: number };
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Returns the user for the server: the current user, unless that is root. Root uses the owner of existing data, else
 * `postgres`, else `nobody`.
 * @param dataOwner uid of the owner of existing data
 */
export function serverUser(dataOwner?: number): ServerUser {
  if (!isRoot()) return { name: 'this user', ids: {} };
  const rows = passwdRows();
  const row =
    dataOwner === undefined
      ? (rows.find(({ name }) => name === 'postgres') ?? rows.find(({ name }) => name === 'nobody'))
      : rows.find(({ uid }) => uid === dataOwner);
  if (row) return { name: row.name, ids: { uid: row.uid, gid: row.gid } };
  throw new EmbeddedServerError(
    dataOwner === undefined
      ? 'PostgreSQL does not run as root, and /etc/passwd has neither a user postgres nor a user nobody to run it.'
      : `The database files belong to uid ${dataOwner}, which /etc/passwd does not list, so PostgreSQL cannot run as that user.`,
  );
}

function passwdRows(): { name: string; uid: number; gid: number }[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines.map((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return { name, uid: Number(uid), gid: Number(gid) };
  });
}

/** Tells whether the user may enter `dir` and every folder above it. The system decides, since ACLs count too. */
export function canEnter(dir: string, { ids }: ServerUser): boolean {
  if (ids.uid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', dir], { ...ids, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** Where root keeps files that the server's user cannot reach at their own place. Created when first needed. */
export const ROOT_FOLDERS = ['/var/lib/trellis', '/var/tmp/trellis'];

/** Returns the first usable folder of ROOT_FOLDERS. Folders that another user created or can write to are not usable. */
export function rootFolder(user: ServerUser): string {
  const found = ROOT_FOLDERS.find((dir) => makeOwnFolder(dir, 0o755) && canEnter(dir, user));
  if (found) return found;
  throw new EmbeddedServerError(
    `The database user ${user.name} cannot reach the data folder, and neither ${ROOT_FOLDERS.join(' nor ')} can be used.`,
  );
}

/** Creates the folder if needed. Returns true if only this user can write to it, so its content can be trusted. */
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

/** Changes the owner of a file or folder to the server's user. Does nothing if that is the current user. */
export function giveTo({ ids }: ServerUser, item: string): void {
  if (ids.uid !== undefined && ids.gid !== undefined) chownSync(item, ids.uid, ids.gid);
}
