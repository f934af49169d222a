import { type Config, ConfigError, isLoopbackHost, readConfig } from './common/config/index.js';
import { type ConnectedDatabase, connectDatabase } from './database/connect.js';
import type { Server, StartOptions } from './server.js';
import { startFailure } from './start-failure.js';
import { complain, say } from './terminal.js';

/** Time limit of a shutdown, after which the process exits anyway. */
const STOP_LIMIT_MS = 25_000;

/** Reads the command line. Throws ConfigError for what it does not know. */
function startOptions(args: string[]): StartOptions {
  const unknown = args.find((arg) => arg !== '--demo');
  if (unknown !== undefined) throw new ConfigError(`unknown option ${unknown} (the only one is --demo)`);
  return { demo: args.includes('--demo') };
}

/** Sample members have one password, and their addresses are invented: neither belongs on a server that others reach. */
function assertLocal({ baseUrl, smtpUrl }: Config): void {
  if (smtpUrl || !isLoopbackHost(new URL(baseUrl).host))
    throw new ConfigError('--demo is for trying Trellis out on this machine: unset SMTP_URL and BASE_URL');
}

/** Runs the server and its database, and stops both once, in order. */
class ServerProcess {
  config: Config | undefined;
  private database: ConnectedDatabase | undefined;
  private server: Server | undefined;
  private stopping = false;

  async start(): Promise<void> {
    try {
      const options = startOptions(process.argv.slice(2));
      this.config = readConfig();
      if (options.demo) assertLocal(this.config);
      // Before the database starts: a limit that cannot be read is refused like any other setting.
      const { assertLimits } = await import('./limits/index.js');
      assertLimits(this.config);
      // Loading the application takes as long as starting the database.
      const application = import('./server.js');
      this.database = await connectDatabase(this.config);
      this.server = await (await application).startServer(this.config, this.database.url, options);
    } catch (error) {
      if (this.stopping) return;
      complain(startFailure(error, this.config));
      await this.database?.stop();
      process.exit(1);
    }
  }

  /** Stops gracefully at the first signal and immediately at the second. */
  readonly stop = (signal: NodeJS.Signals): void => {
    if (this.stopping) process.exit(1);
    this.stopping = true;
    say(`\n${signal}: stopping …`);
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    void this.close().then((code) => process.exit(code));
  };

  private async close(): Promise<number> {
    try {
      await this.server?.close();
      await this.database?.stop();
      return 0;
    } catch (error) {
      complain(startFailure(error));
      return 1;
    }
  }
}

const server = new ServerProcess();
process.on('SIGINT', server.stop);
process.on('SIGTERM', server.stop);
await server.start();
