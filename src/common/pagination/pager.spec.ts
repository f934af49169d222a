import { SecretBox } from '../crypto/index.js';
import { type List, Pager, type QueryRunner, type SortColumn, Where } from './pager.js';

const secrets = new SecretBox('a key that is long enough for a test');

const rows = ['a', 'b'].map((name) => ({ name, _sort: name, _tie: name }));
const runner = { rows: () => Promise.resolve(rows) } as unknown as QueryRunner;

const pageOf = (type: SortColumn['type'], cursor?: string) => {
  const list: List = {
    name: 'things',
    columns: 't.name',
    from: 'things t',
    sorts: { name: { sql: 't.name', type } },
    tieBreaker: { sql: 't.id', type: 'text' },
  };
  return new Pager(secrets).page(runner, list, new Where(), { limit: 1, ...(cursor !== undefined && { cursor }) });
};

it('a cursor of an order that names had before is refused by its code', async () => {
  const { nextCursor } = await pageOf('text');
  await expect(pageOf('name', nextCursor ?? '')).rejects.toMatchObject({ code: 'invalid_cursor' });
  const { nextCursor: fitting } = await pageOf('name');
  await expect(pageOf('name', fitting ?? '')).resolves.toMatchObject({ items: [{ name: 'a' }] });
});
