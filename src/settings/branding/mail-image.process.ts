/** Turns the SVG of its standard input into the PNG of its standard output, in a process of its own. */
import os from 'node:os';
import { buffer } from 'node:stream/consumers';
import { mailImage } from './mail-image.js';

/** Ten times what a drawing with many gradients and shadows takes. */
const CPU_MICROSECONDS = 3_000_000;
const LIMIT_MS = 30_000;
const started = performance.now();
// The native code cannot be interrupted, and the parent may be gone by then. An orderly exit would wait for it.
setInterval(() => {
  const { user, system } = process.cpuUsage();
  if (user + system > CPU_MICROSECONDS || performance.now() - started > LIMIT_MS) process.kill(process.pid, 'SIGKILL');
}, 100).unref();
os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);

process.stdout.write(await mailImage(await buffer(process.stdin), true));
