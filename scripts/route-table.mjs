// The table in docs/routes.md: which controller serves a path, and what it requires.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const HEAD = `# Routes

Which file serves a path, and what a caller needs. Written by \`npm run routes\` from the application itself; do not edit.

- \`account\`: any signed-in user, about their own account. \`public\`: no token is read. Otherwise the level and the permission.
- \`cached\`: the caller's access may have been read up to a second ago. \`users only\`: API keys are refused.
- \`fresh proof\`: needs a proof of identity from the last ten minutes.
- \`without own proof\`: also serves sessions for whose user only an organization's identity provider vouches.
- \`while suspended\`, \`while deleted\`: also serves suspended organizations, or those waiting for their purge.

| method | path | requires | handler | file |
| --- | --- | --- | --- | --- |
`;

function requirement({ level, permission, ...options }) {
  const notes = [
    options.cached && 'cached',
    options.personOnly && 'users only',
    options.freshProof && 'fresh proof',
    options.withoutOwnProof && 'without own proof',
    options.whileSuspended && 'while suspended',
    options.whileDeleted && 'while deleted',
  ].filter(Boolean);
  const name = permission ? `${level} \`${permission}\`` : level;
  return notes.length > 0 ? `${name} (${notes.join(', ')})` : name;
}

/** Returns the file of each class whose name ends with `Controller`, relative to `root`. */
export function controllerFiles(root) {
  const files = new Map();
  for (const file of readdirSync(path.join(root, 'src'), { recursive: true })) {
    if (!/(?<!\.spec)\.tsx?$/.test(file)) continue;
    const text = readFileSync(path.join(root, 'src', file), 'utf8');
    for (const [, name] of text.matchAll(/\bclass (\w+Controller)\b/g))
      files.set(name, `src/${file.split(path.sep).join('/')}`);
  }
  return files;
}

/** Returns the text of docs/routes.md for the routes of `RouteRules.all()`. */
export function routeTable(routes, files) {
  const rows = routes.map(({ handler, method, path: route, rule }) => {
    const file = files.get(handler.split('.')[0]);
    if (!file) throw new Error(`no file in src declares ${handler}`);
    const shown = `/${route.replace(/:(\w+)/g, '{$1}')}`;
    return {
      shown,
      row: [method, `\`${shown}\``, requirement(rule), handler, `[${path.posix.basename(file)}](../${file})`],
    };
  });
  const key = ({ shown, row }) => `${shown} ${row[0]}`;
  rows.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return HEAD + rows.map(({ row }) => `| ${row.join(' | ')} |\n`).join('');
}
