// `npm run migrations:check` fails if the migrations differ from the entities or from src/database/sql.
// `npm run migrations:generate -- Name` writes the difference as a new migration, with a copy of each changed SQL file.
// Both work on a temporary embedded PostgreSQL.
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { buildIfStale } from './build-if-stale.mjs';
import { compareRoutines } from './routines.mjs';

await buildIfStale();
const { createDataSource } = await import('../dist/database/data-source.js');
const { startEmbeddedServer } = await import('../dist/database/embedded/server.js');

const [mode, migrationName] = process.argv.slice(2);
const server = await startEmbeddedServer({ durable: false });
const dataSource = createDataSource({ url: server.url, poolSize: 2 });
try {
  await dataSource.initialize();
  await dataSource.runMigrations();
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const tables = upQueries.map(({ query }) => query.trim());
  let routines;
  try {
    routines = await compareRoutines(client, tables);
  } finally {
    await client.end();
  }
  const statements = [...tables, ...routines.changed.map(({ text }) => text)];
  if (mode === 'generate') generate(statements, migrationName);
  else check(statements, routines);
} finally {
  await dataSource.destroy();
  await server.stop();
}

function check(statements, { unknown }) {
  if (statements.length === 0 && unknown.length === 0) return console.log('migrations: no drift');
  if (statements.length > 0)
    console.error(`migrations: the entities and src/database/sql are ahead by\n${statements.join(';\n')};`);
  if (unknown.length > 0) console.error(`migrations: no file in src/database/sql defines ${unknown.join(', ')}`);
  process.exitCode = 1;
}

function generate(statements, name) {
  if (!/^[A-Z][A-Za-z]+$/.test(name ?? '')) throw new Error('usage: npm run migrations:generate -- AddSomething');
  if (statements.length === 0) return console.log('migrations: nothing to generate');
  const folder = path.resolve('src/database/migrations');
  const number = String(readdirSync(folder).filter((file) => /^\d{4}-/.test(file)).length + 1).padStart(4, '0');
  const file = `${number}-${name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()}.ts`;
  const className = `${name}${Date.now()}`;
  const body = statements.map((statement) => `  \`${statement.replace(/[\\`]|\$\{/g, '\\$&')}\`,`);
  writeFileSync(
    path.join(folder, file),
    `import type { MigrationInterface, QueryRunner } from 'typeorm';\n\nconst STATEMENTS = [\n${body.join('\n')}\n];\n\n` +
      `export class ${className} implements MigrationInterface {\n  async up(runner: QueryRunner): Promise<void> {\n` +
      `    for (const statement of STATEMENTS) await runner.query(statement);\n  }\n\n` +
      `  down(): Promise<void> {\n    return Promise.reject(new Error('migrations only go forward'));\n  }\n}\n`,
  );
  console.log(`wrote src/database/migrations/${file}: add ${className} to index.ts`);
}
