// `npm run ops -- COMMAND`: builds if needed, then runs a maintenance command.
import { buildIfStale } from './build-if-stale.mjs';

await buildIfStale({ say: (line) => process.stderr.write(`${line}\n`) });
await import('../dist/ops.js');
