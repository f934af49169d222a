import 'reflect-metadata';
import { AppModule } from './app.module.js';
import { createApp, startMetricsServer } from './http/index.js';
import { ConsoleService } from './console/index.js';
import { type Config } from './common/config/index.js';
import { Metrics } from './common/metrics/index.js';
import { migrate } from './database/migrate.js';
import { DevInboxAccessService } from './mail/index.js';
import { BootstrapService, type FirstSignIn } from './provisioning/index.js';
import { SampleDataService, type SampleSignIn } from './sample-data/index.js';
import { complain, say } from './terminal.js';

export interface StartOptions {
  /** Whether to fill an operator without organizations with sample data. */
  demo: boolean;
}

export interface Server {
  close(): Promise<void>;
}

/** Brings the database up to date, starts the application and prints where it is and how to sign in. */
export async function startServer(config: Config, url: string, { demo }: StartOptions): Promise<Server> {
  const applied = await migrate(url, complain);
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
