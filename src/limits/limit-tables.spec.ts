import { readFileSync } from 'node:fs';
import path from 'node:path';
import { countTable, rateTable } from './limit-tables.js';

it('are what docs/operations/limits.md says', () => {
  const text = readFileSync(path.join(process.cwd(), 'docs/operations/limits.md'), 'utf8');
  expect(text).toContain(rateTable());
  expect(text).toContain(countTable());
});
