import type { Command } from './command.js';
import type { StoredResponse } from './state.js';

const KIND_OF: Partial<Record<Command['type'], string>> = { run_start: 'run', run_settle: 'run' };

const kindOf = (command: Command): string =>
  command.type === 'adjustment_request' ? command.of : (KIND_OF[command.type] ?? command.type);

/**
 * Returns the key that a command is stored under. Each kind of operation has its own keys, so that a member who charges with
 * a key cannot block a grant with the same key. A line break, which no key contains, ends the kind. Keys of charges, which are
 * the most frequent, have no kind.
 */
export const storedKey = (command: Command & { key: string }): string =>
  command.type === 'charge' ? command.key : `${kindOf(command)}\n${command.key}`;

/** Returns the keys under which the response of a command can be stored, also by versions in which all kinds shared keys. */
export const possibleKeys = (command: Command): string[] =>
  command.key === null ? [] : [...new Set([storedKey({ ...command, key: command.key }), command.key])];

/** Returns the stored response of a command, or undefined if its key is new. */
export function findStored(keys: ReadonlyMap<string, StoredResponse>, command: Command): StoredResponse | undefined {
  if (command.key === null) return undefined;
  const own = keys.get(storedKey({ ...command, key: command.key }));
  if (own) return own;
  // The hash names the kind, so only the same request of the same kind matches.
  const shared = keys.get(command.key);
  return shared?.hash === command.hash ? shared : undefined;
}
