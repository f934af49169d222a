// `npm run webhook-events` writes docs/webhook-events.md from src/webhooks/catalogue; with --check it fails when it is out of date.
import path from 'node:path';
import prettier from 'prettier';
import { root, writeOrCheck } from './drift.mjs';

const { EVENT_CATALOGUE } = await import('../dist/webhooks/catalogue/event-catalogue.js');

const FILE = 'docs/webhook-events.md';
const groups = new Map();
for (const event of EVENT_CATALOGUE) {
  const [group] = event.type.split('.');
  groups.set(group, [...(groups.get(group) ?? []), event]);
}

const text = [
  '# Webhook events\n',
  'Generated from `src/webhooks/catalogue` by `npm run webhook-events`. [Webhooks](guides/webhooks.md) says how to get them. The JSON schema of each type is at',
  '`GET BASE_URL/t/{operator}/api/v1/webhook-event-types`. A webhook with `organization.*` gets all types of the section `organization`. Released names never change.',
  ...[...groups].map(([group, events]) =>
    [
      `\n## \`${group}\`\n`,
      '| type | what happened |\n| - | - |',
      ...events.map(({ type, description }) => `| \`${type}\` | ${description.replaceAll('|', '\\|')} |`),
    ].join('\n'),
  ),
].join('\n');

const options = await prettier.resolveConfig(path.join(root, FILE));
writeOrCheck(FILE, await prettier.format(text, { ...options, filepath: FILE }), 'npm run webhook-events');
