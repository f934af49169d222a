import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DIST = path.resolve('dist');
const COMMANDS = path.resolve('test/startup/ops-commands.mjs');

/** Returns a free port. Another process could take it before it is used, which the tests would show as a failed start. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface Ended {
  code: number | null;
  output: string;
}

/** Runs `node dist/main.js`, or another built file, with an environment of only PATH. */
export class ServerProcess {
  output = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;

  constructor(env: Record<string, string>, args: string[] = ['main.js']) {
    const [file = 'main.js', ...rest] = args;
    this.child = spawn(process.execPath, [path.resolve(DIST, file), ...rest], {
      env: { PATH: process.env.PATH, ...env },
      cwd: env.DATA_DIR ?? '/',
    });
    this.child.stdout?.on('data', (data: Buffer) => (this.output += data.toString()));
    this.child.stderr?.on('data', (data: Buffer) => (this.output += data.toString()));
    this.ended = once(this.child, 'exit').then(([code]) => code as number | null);
  }

  async ready(port: number): Promise<void> {
    for (let tries = 0; tries < 2_400; tries++) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      if (answer?.status === 200) return;
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.output}`);
      await sleep(100);
    }
    throw new Error(`not ready after 240 s: ${this.output}`);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async end(): Promise<Ended> {
    const code = await this.ended;
    return { code, output: this.output };
  }

  async stop(name: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.signal(name);
    return this.end();
  }
}

/** Runs commands of ops.js one after the other in one process, which loads the application once. Returns what each printed. */
export async function runCommands(env: Record<string, string>, commands: string[][]): Promise<string[]> {
  const { code, output } = await new ServerProcess(env, [COMMANDS, JSON.stringify(commands)]).end();
  if (code !== 0) throw new Error(`the commands ended with ${code}: ${output}`);
  return JSON.parse(output) as string[];
}
