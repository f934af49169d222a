import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import type { INestApplicationContext } from '@nestjs/common';
import { Command, InvalidArgumentError } from 'commander';
import { AppModule } from './app.module.js';
import { createApp } from './http/index.js';
import { PUBLISH_SECONDS, SigningKeyService } from './auth/access/index.js';
import { UsageRollupJob, VerificationService } from './billing/ledger/index.js';
import { systemActor } from './common/access/index.js';
import { type LogLevel, readConfig } from './common/config/index.js';
import { ANCHOR_MESSAGE, EventAnchorJob, EventVerificationService, type Stream } from './events/index.js';
import { Database, describeTwins, findAddressTwins, normalizeAccounts } from './database/index.js';
import { AppError } from './common/errors/index.js';
import { createLog } from './common/logging/index.js';
import { isId, SLUG_PATTERN } from './common/ids/index.js';
import { composeText, mailboxOf } from './common/validation/index.js';
import { connectDatabase } from './database/connect.js';
import { migrate } from './database/migrate.js';
import { OperatorCreationService } from './provisioning/index.js';
import { PurgeService } from './purge/index.js';
import { startFailure } from './start-failure.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs a command inside the application without listening, and stops everything it started. */
async function within(
  work: (app: INestApplicationContext) => Promise<void>,
  logLevel: LogLevel = 'warn',
): Promise<void> {
  const config = readConfig();
  const database = await connectDatabase(config);
  try {
    await migrate(database.url, say);
    const log = createLog(config.logLevel === 'info' ? logLevel : config.logLevel);
    const app = await createApp(AppModule.with({ url: database.url, poolSize: 4 }), config, { log });
    try {
      await work(app);
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
}

interface AnchorLine {
  stream: Stream['kind'];
  id: string;
  seq: string;
  hash: string;
}

/** Reads the anchors from a log, and skips lines that are none. */
function readAnchors(file: string): AnchorLine[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes(`"${ANCHOR_MESSAGE}"`))
    .map((line) => JSON.parse(line) as AnchorLine);
}

const refuse = (text: string): never => {
  throw new InvalidArgumentError(text);
};

function slug(value: string): string {
  if (!SLUG_PATTERN.test(value)) throw new InvalidArgumentError('It must have 2 to 50 of a-z, 0-9 and "-".');
  return value;
}

function id(value: string): string {
  if (!isId(value)) throw new InvalidArgumentError('It must be a UUID.');
  return value.toLowerCase();
}

function email(value: string): string {
  return mailboxOf(value) ?? refuse('It must be an email address.');
}

const program = new Command('ops')
  .description('Commands that work on the database of the server, while it runs or not.')
  .showHelpAfterError();

program
  .command('migrate')
  .description('migrate the database to the newest schema')
  .action(async () => {
    const config = readConfig();
    const database = await connectDatabase(config);
    try {
      const applied = await migrate(database.url, say);
      say(applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to do');
    } finally {
      await database.stop();
    }
  });

program
  .command('create-operator')
  .description('create an operator and invite its first admin')
  .requiredOption('--slug <slug>', 'identifier in all URLs', slug)
  .requiredOption('--name <name>', 'its name', composeText)
  .requiredOption(
    '--admin-email <address>',
    'address of the first admin; a running server mails the link to set the password',
    email,
  )
  .option('--time-zone <zone>', 'time zone of the operator, such as Europe/Berlin', 'UTC')
  .action((options: { slug: string; name: string; adminEmail: string; timeZone: string }) =>
    within(async (app) => {
      const operator = await app.get(OperatorCreationService).create(systemActor('ops'), options);
      say(`created ${operator.slug} (${operator.id}); a link to set the password is mailed to ${options.adminEmail}`);
    }),
  );

program
  .command('rotate-keys')
  .description('add a signing key; earlier keys stay published until their last token has expired')
  .option(
    '--now',
    `use it at once instead of after ${PUBLISH_SECONDS / 60} minutes, although services may not know it yet`,
  )
  .action((options: { now?: boolean }) =>
    within(async (app) => {
      const kid = await app
        .get(Database)
        .transaction((tx) => app.get(SigningKeyService).rotate(tx, options.now ? 0 : PUBLISH_SECONDS));
      say(`new key ${kid} is used ${options.now ? 'now' : `in ${PUBLISH_SECONDS / 60} minutes`}`);
    }),
  );

program
  .command('addresses')
  .description('list accounts that have the same address since a migration, and store the other addresses in one form')
  .action(() =>
    within(async (app) => {
      const changed = await app
        .get(Database)
        .transaction((tx) => normalizeAccounts((sql, parameters) => tx.rows(sql, parameters)));
      const { reader } = app.get(Database);
      const twins = await findAddressTwins((sql, parameters) => reader.rows(sql, parameters));
      for (const one of twins) say(describeTwins(one));
      say(`${changed} addresses changed, ${twins.length} used by several accounts`);
      if (twins.length === 0) return;
      say(
        'People who sign in by address get the first account of a line. Erase the account that they do not need in the',
      );
      say('console (People), or let them sign in to the other by single sign-on or a passkey and change its address.');
      process.exitCode = 1;
    }),
  );

program
  .command('verify-ledger')
  .description('recompute the credits of every organization from its entries and print the first difference of each')
  .action(() =>
    within(async (app) => {
      let organizations = 0;
      let entries = 0;
      let wrong = 0;
      for await (const finding of app.get(VerificationService).all()) {
        organizations++;
        entries += finding.entries;
        if (finding.difference === null) continue;
        wrong++;
        say(`${finding.organizationId}: ${finding.difference}`);
      }
      say(`${organizations} organizations, ${entries} entries, ${wrong} with a difference`);
      if (wrong > 0) process.exitCode = 1;
    }),
  );

program
  .command('anchor-audit')
  .description('write the ends of the audit log to the log now, as the schedule does each hour')
  .action(() =>
    within(async (app) => {
      const { anchored, broken } = await app.get(EventAnchorJob).run();
      say(`${anchored} streams anchored, ${broken} do not match their last anchor`);
      if (broken > 0) process.exitCode = 1;
    }, 'info'),
  );

program
  .command('verify-audit')
  .option('--anchors <file>', 'a log of the server, whose lines "audit anchor" are compared as well')
  .description('recompute the audit log of every operator and organization; names the first event that does not match')
  .action(({ anchors }: { anchors?: string }) =>
    within(async (app) => {
      const verification = app.get(EventVerificationService);
      let wrong = 0;
      const report = (stream: Stream, text: string): void => {
        wrong++;
        say(`${stream.kind} ${stream.id}: ${text}`);
      };
      const streams = await verification.allStreams();
      for (const stream of streams) {
        const { valid, problem, firstInvalidSeq } = await verification.verify(stream);
        if (!valid) report(stream, `${problem} at ${firstInvalidSeq}`);
      }
      const known = new Set(streams.map((stream) => stream.id));
      for (const anchor of anchors ? readAnchors(anchors) : []) {
        const stream: Stream = { kind: anchor.stream, id: anchor.id };
        // Purged organizations are gone for good, with their log.
        if (!known.has(stream.id) || (await verification.holdsAnchor(stream, anchor.seq, anchor.hash))) continue;
        report(stream, `lost event ${anchor.seq}, which the log anchors`);
      }
      say(`${streams.length} streams, ${wrong} with a problem`);
      if (wrong > 0) process.exitCode = 1;
    }),
  );

program
  .command('rebuild-reports')
  .argument('<organizationId>', 'id of the organization', id)
  .description('rebuild the daily report data of one organization from its entries; credits do not change')
  .action((organizationId: string) =>
    within(async (app) => {
      await app.get(UsageRollupJob).rebuild(organizationId);
      const { entries, difference } = await app.get(VerificationService).verify(organizationId);
      say(`${entries} entries counted${difference === null ? '' : `: ${difference}`}`);
      if (difference !== null) process.exitCode = 1;
    }),
  );

program
  .command('purge')
  .description('purge organizations and units that were deleted seven days ago, like the schedule does')
  .option('--dry-run', 'only print what is due, with the rows of each table')
  .action((options: { dryRun?: boolean }) =>
    within(async (app) => {
      const purge = app.get(PurgeService);
      say(JSON.stringify(options.dryRun ? await purge.preview() : await purge.run(), null, 2));
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`ops: ${error instanceof AppError ? `${error.code}: ${error.detail}` : startFailure(error)}\n`);
  process.exitCode = 1;
}
