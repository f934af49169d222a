// Generated files: written, or with --check compared with what is committed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');

/** Writes `text` to `name`; with --check it fails the process if the file differs. `command` is what to run then. */
export function writeOrCheck(name, text, command) {
  const file = path.join(root, name);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
    console.log(`wrote ${name}`);
  } else if (existsSync(file) && readFileSync(file, 'utf8') === text) {
    console.log(`${name}: no drift`);
  } else {
    console.error(`${name} is out of date: run \`${command}\``);
    process.exitCode = 1;
  }
}
