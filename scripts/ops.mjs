// `npm run ops -- COMMAND`: builds when needed, then runs the server-side commands.
import { buildIfStale } from './build-if-stale.mjs';

await buildIfStale({ say: (line) => process.stderr.write(`${line}\n`) });
await import('../dist/ops.js');
