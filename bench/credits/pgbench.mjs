// The same charge by pgbench: one call of an SQL function per charge, on the database of the server.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A hand-written charge: a conditional update and an insert, in one call. */
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

/** Finds the newest pgbench, or returns null. */
export function findPgbench() {
  if (spawnSync('pgbench', ['--version']).status === 0) return 'pgbench';
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => path.join(root, version, 'bin/pgbench')).find((file) => existsSync(file)) ?? null;
}

/** Measures transactions per second of `script` (see the manual of pgbench) with `clients` clients. */
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
    if (!Number.isFinite(tps)) throw new Error(`pgbench failed: ${output}`);
    const done = Number(/transactions actually processed: (\d+)/.exec(output)?.[1]);
    const latency = Number(/latency average = ([\d.]+)/.exec(output)?.[1]);
    return { perSecond: tps, done, average: latency };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
