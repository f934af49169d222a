import { filterOf } from './filter.js';
import { equalityIn, filterSql, Parameters } from './filter-sql.js';

const TABLE = {
  columns: {
    username: { sql: 'x.name', type: 'text' as const },
    externalid: { sql: 'x.external', type: 'text' as const, caseExact: true as const },
    active: { sql: 'x.active', type: 'boolean' as const },
    'meta.created': { sql: 'x.at', type: 'instant' as const },
  },
  lists: {
    emails: {
      rows: 'e',
      parts: { value: { sql: 'e.v', type: 'text' as const }, type: { sql: 'e.t', type: 'text' as const } },
    },
  },
};

const sqlOf = (text: string): [string, unknown[]] => {
  const parameters = new Parameters();
  return [filterSql(filterOf(text), TABLE, parameters), parameters.values];
};

it.each([
  ['userName eq "Ada"', 'coalesce(lower(x.name) = lower($1::text), false)', ['Ada']],
  ['USERNAME Eq "Ada"', 'coalesce(lower(x.name) = lower($1::text), false)', ['Ada']],
  ['externalId eq "a\\\\b\\"\\u00fc"', 'coalesce(x.external = $1::text, false)', ['a\\b"ü']],
  ['active eq True', 'coalesce(x.active = $1::boolean, false)', [true]],
  ['not (active ne "false")', 'not (coalesce(x.active <> $1::boolean, false))', [false]],
  ['externalId pr', "coalesce(nullif(x.external::text, '') is not null, false)", []],
  [
    'emails[type eq "work"].value co "@x"',
    'coalesce(exists (select 1 from e where (coalesce(lower(e.t) = lower($1::text), false) and coalesce(position(lower($2::text) in lower(e.v)) > 0, false))), false)',
    ['work', '@x'],
  ],
  [
    'emails eq "a"',
    'coalesce(exists (select 1 from e where coalesce(lower(e.v) = lower($1::text), false)), false)',
    ['a'],
  ],
  [
    'userName sw "a" or userName ew "b" and active eq true',
    '(coalesce(starts_with(lower(x.name), lower($1::text)), false) or (coalesce(right(lower(x.name), length(lower($2::text))) = lower($2::text), false) and coalesce(x.active = $3::boolean, false)))',
    ['a', 'b', true],
  ],
])('asks the database for %s', (text, sql, values) => expect(sqlOf(text)).toEqual([sql, values]));

it.each([
  'userName',
  'userName eq',
  'userName is "x"',
  'password eq "x"',
  'constructor eq "x"',
  '__proto__ pr',
  'emails.display eq "x"',
  'emails[emails[value pr]]',
  'userName[value eq "x"]',
  'userName eq 5',
  'active eq "maybe"',
  'active gt true',
  'meta.created gt "yesterday"',
  'meta.created co "2026"',
  'userName gt null',
  'userName eq "\\u0000"',
  'userName eq "\\ud800"',
  'userName eq "\\x"',
  `${'('.repeat(900)}userName pr${')'.repeat(899)}`,
  `userName eq "${'x'.repeat(2_000)}"`,
])('refuses %.40s', (text) =>
  expect(() => sqlOf(text)).toThrow(expect.objectContaining({ code: 'scim.invalid_filter' })),
);

it('finds equalities that an index can answer', () => {
  const found = (text: string) => equalityIn(filterOf(text), ['username', 'id']);
  expect(found('active eq true and userName eq "A"')).toEqual({ path: 'username', value: 'A' });
  expect(found('userName eq "A" or active eq true')).toBeNull();
  expect(found('not (userName eq "A")')).toBeNull();
});
