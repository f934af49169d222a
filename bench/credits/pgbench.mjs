// The same charge by pgbench: one call of one SQL function for each, against the database that the server uses.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The charge as one would write it by hand: a conditional update and an insert, in one call. */
export const SCHEMA = `
  create schema bench;
  create table bench.balances (organization_id uuid primary key, available bigint not null check (available >= 0));
  create table bench.entries (organization_id uuid not null, id uuid not null default gen_random_uuid(), amount bigint not null,
    created_at timestamptz not null default now(), primary key (organization_id, id));
  create table bench.bulk (organization_id uuid not null, id uuid not null, amount bigint not null, key text not null,
    created_at timestamptz not null default now(), primary key (organization_id, id), unique (organization_id, key));
  create function bench.charge(o uuid, x bigint) returns bigint language plpgsql as $$
  declare left_over bigint;
  begin
    update bench.balances set available = available - x where organization_id = o and available >= x
      returning available into left_over;
    if not found then return null; end if;
    insert into bench.entries (organization_id, amount) values (o, -x);
    return left_over;
  end $$;`;

/** pgbench of the newest version, null where there is none. */
export function findPgbench() {
  if (spawnSync('pgbench', ['--version']).status === 0) return 'pgbench';
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => path.join(root, version, 'bin/pgbench')).find((file) => existsSync(file)) ?? null;
}

/** Transactions a second of `script` (see pgbench's manual) with as many clients. */
export async function pgbench(program, url, script, clients, seconds) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'trellis-pgbench-'));
  const file = path.join(folder, 'script.sql');
  writeFileSync(file, script);
  try {
    const child = spawn(
      program,
      ['-n', '-M', 'prepared', '-c', clients, '-j', 2, '-T', seconds, '-f', file, url].map(String),
    );
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    await new Promise((resolve) => child.on('exit', resolve));
    const tps = Number(/tps = ([\d.]+)/.exec(output)?.[1]);
    if (!Number.isFinite(tps)) throw new Error(`pgbench said: ${output}`);
    const done = Number(/transactions actually processed: (\d+)/.exec(output)?.[1]);
    const latency = Number(/latency average = ([\d.]+)/.exec(output)?.[1]);
    return { perSecond: tps, done, average: latency };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
