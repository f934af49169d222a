// `npm run dev`: the server, built again and restarted after each change of src/, and the console with hot reload. Open the
// address of Vite: it serves the console and passes everything else on to the server.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import path from 'node:path';
import { createServer } from 'vite';
import { buildIfStale } from './build-if-stale.mjs';
import { root } from './drift.mjs';

/** Editors save several files at once. */
const QUIET_MS = 150;
const PORT = process.env.PORT ?? '3000';

const say = (line) => process.stderr.write(`${line}\n`);
let server;
let stopping = false;

function startServer() {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PORT },
  });
  return { child, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

async function restart() {
  try {
    await buildIfStale();
  } catch (error) {
    say(error.message);
    return;
  }
  if (stopping) return;
  server?.child.kill('SIGTERM');
  await server?.ended;
  if (!stopping) server = startServer();
}

let timer;
let restarting = Promise.resolve();
function onChange(_event, name) {
  if (!name || /\.spec\.|~$|\.md$/.test(name)) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    restarting = restarting.then(restart);
  }, QUIET_MS);
}

// The server takes the console's pages from the last build, so there must be one.
await buildIfStale({ say, console: true });
server = startServer();
const watcher = watch(path.join(root, 'src'), { recursive: true }, onChange);

process.env.TRELLIS_SERVER ??= `http://127.0.0.1:${PORT}`;
const vite = await createServer({
  root: path.join(root, 'console'),
  configFile: path.join(root, 'console/vite.config.ts'),
});
await vite.listen();
say(`Console with hot reload: ${vite.resolvedUrls?.local[0] ?? ''}`.replace(/\/console\/$/, '/'));

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    stopping = true;
    watcher.close();
    void vite.close();
    server?.child.kill(signal);
    void server?.ended.then((code) => process.exit(code ?? 0));
  });
}
