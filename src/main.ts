import 'reflect-metadata';
import { AppModule } from './app.module.js';
import { createApp, startMetricsServer } from './http/index.js';
import { ConsoleService } from './console/index.js';
import { type Config, ConfigError, isLoopbackHost, readConfig } from './common/config/index.js';
import { Metrics } from './common/metrics/index.js';
import { type ConnectedDatabase, connectDatabase } from './database/connect.js';
import { migrate } from './database/migrate.js';
import { assertLimits } from './limits/index.js';
import { DevInboxAccessService } from './mail/index.js';
import { BootstrapService, type FirstSignIn } from './provisioning/index.js';
import { SampleDataService, type SampleSignIn } from './sample-data/index.js';
import { startFailure } from './start-failure.js';

/** Time limit of a shutdown, after which the process exits anyway. */
const STOP_LIMIT_MS = 25_000;

interface StartOptions {
  /** Whether to fill an operator without organizations with sample data. */
  demo: boolean;
}

interface Server {
  close(): Promise<void>;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`trellis: ${text}\n`);

async function startServer(config: Config, url: string, { demo }: StartOptions): Promise<Server> {
  const applied = await migrate(url);
  if (applied.length > 0) say(`Database brought up to date (${applied.length} migrations).`);
  const app = await createApp(AppModule.with({ url, poolSize: config.databasePoolSize }), config);
  try {
    const first = await app.get(BootstrapService).run();
    await app.init();
    const sample = demo ? await loadSampleData(app.get(SampleDataService), config) : null;
    // Not through Nest, which would log a port in use itself.
    await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host });
    const metrics = await startMetricsServer(config, app.get(Metrics));
    const consoleUrl = await app.get(ConsoleService).url();
    greet(config, { first, consoleUrl, inbox: app.get(DevInboxAccessService).link, metricsUrl: metrics.url });
    if (sample) greetMember(sample);
    return {
      close: async () => {
        await app.close();
        await metrics.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

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

async function loadSampleData(samples: SampleDataService, config: Config): Promise<SampleSignIn | null> {
  say('Loading sample data, which takes about a minute.');
  const sample = await samples.load(config.bootstrapOperator, {
    progress: (done, of) => {
      if (done % 10 === 0) say(`  ${done} of ${of} organizations`);
    },
  });
  if (!sample) say(`Sample data is not loaded: the operator "${config.bootstrapOperator}" has organizations already.`);
  return sample;
}

function greetMember({ organization, email, password }: SampleSignIn): void {
  say(`\nSign-in of a sample member, the admin of ${organization}:\n  E-mail    ${email}\n  Password  ${password}`);
  say('  All sample members have this password. It is shown only once.');
}

/** Returns what the start prints about online payments. */
function paymentsOf({ stripeSecretKey, sandbox }: Config): string | null {
  if (stripeSecretKey) return null;
  return sandbox
    ? 'sandbox mode, no money moves (set STRIPE_SECRET_KEY to charge cards)'
    : 'bank transfers only (set STRIPE_SECRET_KEY to charge cards)';
}

interface Greeting {
  first: FirstSignIn | null;
  consoleUrl: string;
  inbox: string | null;
  metricsUrl: string | null;
}

function greet(config: Config, { first, consoleUrl, inbox, metricsUrl }: Greeting): void {
  say(`\nTrellis is ready at ${config.baseUrl}`);
  say(`  Console        ${consoleUrl}\n  API reference  ${config.baseUrl}/docs`);
  if (inbox) say(`  Mail           ${inbox}\n                 (no SMTP_URL; this link works once, for one browser)`);
  else if (!config.smtpUrl) say(`  Mail           ${config.mailDir} (no SMTP_URL)`);
  const payments = paymentsOf(config);
  if (payments) say(`  Payments       ${payments}`);
  if (metricsUrl) say(`  Metrics        ${metricsUrl}`);
  else if (config.metricsPort !== 0)
    complain(`metrics are off, because port ${config.metricsPort} is in use (set METRICS_PORT, or METRICS_PORT=0)`);
  if (!first) return;
  say(`\nFirst sign-in, at the operator "${first.operator}":\n  E-mail    ${first.email}`);
  say(`  Password  ${first.password ?? '(BOOTSTRAP_ADMIN_PASSWORD)'}`);
  if (first.password) say('  This password is shown only once.');
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
      assertLimits(this.config);
      this.database = await connectDatabase(this.config);
      this.server = await startServer(this.config, this.database.url, options);
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
