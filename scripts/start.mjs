// `npm start`: builds if needed, then runs the server in this process, so that signals reach it and its exit code is
// returned.
import { buildIfStale } from './build-if-stale.mjs';

try {
  await buildIfStale({ console: true, say: (line) => process.stderr.write(`${line}\n`) });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
await import('../dist/main.js');
