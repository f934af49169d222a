import 'reflect-metadata';
import path from 'node:path';
import { AppModule } from './app.module.js';
import { createApp } from './app.setup.js';
import { type Config, ConfigError, readConfig } from './common/config/index.js';
import { type DatabaseServer, EmbeddedServerError, startEmbeddedServer } from './database/embedded-server.js';
import { DatabaseError, migrate } from './database/migrate.js';
import { Bootstrap, type FirstSignIn, WrongSecretKeyError } from './lifecycle/index.js';

/** How long a stop may take before the process ends all the same. */
const STOP_LIMIT_MS = 25_000;

interface Running {
  close(): Promise<void>;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function startServer(config: Config, database: DatabaseServer | null): Promise<Running> {
  const url = config.databaseUrl ?? database?.url ?? '';
  const applied = await migrate(url);
  if (applied.length > 0) say(`Database brought up to date (${applied.length} migrations).`);
  const app = await createApp(AppModule.with({ url, poolSize: config.databasePoolSize }), config);
  try {
    const first = await app.get(Bootstrap).run();
    await app.listen({ port: config.port, host: config.host });
    greet(config, first);
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

function greet(config: Config, first: FirstSignIn | null): void {
  say(`\nTrellis is ready at ${config.baseUrl}\n  API reference  ${config.baseUrl}/docs`);
  if (!config.smtpUrl) say(`  Mail           ${config.mailDir} (no SMTP_URL)`);
  if (!first) return;
  say(`\nFirst sign-in, at the operator "${first.operator}":\n  E-mail    ${first.email}`);
  say(`  Password  ${first.password ?? '(BOOTSTRAP_ADMIN_PASSWORD)'}`);
  if (first.password) say('  It is shown only this once.');
}

/** The one line that says why the start was given up, null for an error nobody foresaw. */
function reasonOf(error: unknown, config: Config | undefined): string | null {
  const foreseen = [ConfigError, DatabaseError, EmbeddedServerError, WrongSecretKeyError];
  if (foreseen.some((kind) => error instanceof kind)) return (error as Error).message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `PORT ${config?.port} is in use on ${config?.host}: set another PORT`;
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') return `cannot listen on ${config?.host}:${config?.port} (${code})`;
  return null;
}

async function main(): Promise<void> {
  let config: Config | undefined;
  let database: DatabaseServer | null = null;
  let server: Running | null = null;
  let stopping: Promise<void> | undefined;

  const stop = async (): Promise<void> => {
    await server?.close();
    await database?.stop();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    say(`\n${signal}: stopping …`);
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    stopping = stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`trellis: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);

  try {
    config = readConfig();
    if (!config.databaseUrl) database = await startEmbeddedServer({ dataDir: path.join(config.dataDir, 'postgres') });
    server = await startServer(config, database);
  } catch (error) {
    if (stopping) return;
    const reason = reasonOf(error, config);
    process.stderr.write(`trellis: ${reason ?? (error instanceof Error ? error.stack : String(error))}\n`);
    await database?.stop();
    process.exit(1);
  }
}

await main();
