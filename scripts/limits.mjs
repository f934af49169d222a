// `npm run limits` writes the tables of docs/operations/limits.md from src/limits; with --check it fails when they are out of date.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root, writeOrCheck } from './drift.mjs';

const { countTable, rateTable } = await import('../dist/limits/limit-tables.js');

const FILE = 'docs/operations/limits.md';
const tables = { rates: rateTable(), counts: countTable() };
const text = readFileSync(path.join(root, FILE), 'utf8').replace(
  /(<!-- (\w+):begin -->\n)[\s\S]*?(\n<!-- \2:end -->)/g,
  (_, begin, name, end) => `${begin}\n${tables[name]}\n${end}`,
);
writeOrCheck(FILE, text, 'npm run limits');
