// `npm start`: builds when needed, then becomes the server. It runs in this very process, so that signals reach it and
// its exit code is ours.
import { buildIfStale } from './build-if-stale.mjs';

try {
  await buildIfStale({ say: (line) => process.stderr.write(`${line}\n`) });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
await import('../dist/main.js');
