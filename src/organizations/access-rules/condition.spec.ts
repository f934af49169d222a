import { Condition, type Subject } from './condition.js';
import { ConditionError } from './condition.syntax.js';
import { evaluateInSlices } from './time-slice.js';

const ada: Subject = {
  user: { email: 'ada@corp.example', name: 'Ada' },
  claims: { org: 'C-1', groups: ['dev', 'ops'], level: 3, nested: { admin: true } },
  operatorSlug: 'demo',
  organization: { id: 'o1', externalId: 'C-1', slug: 'acme', name: 'Acme' },
};

it.each([
  ['true', true],
  ['user.emailDomain == "corp.example"', true],
  ['user.email.endsWith("@other.example")', false],
  ['claims.org == ORG_EXTERNAL_ID', true],
  ['"ops" in claims.groups && ORG_SLUG == "acme"', true],
  ['claims.groups.exists(g, g.startsWith("de"))', true],
  ['claims.level >= 3', true],
  ['claims.nested.admin', true],
  ['has(claims.missing) && claims.missing == "x"', false],
  ['OPERATOR_SLUG == "demo" ? user.name == "Ada" : false', true],
])('%s is %s', (source, holds) => {
  expect(Condition.of(source).of(ada)).toEqual({ holds });
});

it.each([['claims.missing == "x"'], ['user.name'], ['claims.groups.startsWith("a")'], ['1 / 0 == 1']])(
  '%s does not hold, and says why',
  (source) => {
    expect(Condition.of(source).of(ada)).toEqual({ holds: false, error: expect.any(String) });
  },
);

it('does not take nothing for a value: an organization without externalId matches no claim', () => {
  const organization = { id: 'o2', externalId: null, slug: 'none', name: 'None' };
  for (const org of ['', null, undefined, 'null'])
    expect(Condition.of('claims.org == ORG_EXTERNAL_ID').of({ ...ada, claims: { org }, organization }).holds).toBe(
      false,
    );
});

it.each([
  ['', /./],
  ['1 +', /at 1:3: found \+/],
  ['process.exit()', /process is unknown/],
  ['user.password == "x"', /user has no password/],
  ['[1].all(a, [1].all(b, b == a))', /loop/],
  ['google.protobuf.Struct{}', /./],
])('refuses %j', (source, message) => {
  expect(() => Condition.of(source)).toThrow(ConditionError);
  expect(() => Condition.of(source)).toThrow(message);
});

it('refuses what is nested too deeply', () => {
  const nested = '('.repeat(500) + '1' + ')'.repeat(499);
  expect(() => Condition.of(nested)).toThrow(ConditionError);
});

it('is not kept busy by an expression made for it', () => {
  const subject = { ...ada, user: { ...ada.user, email: `${'a'.repeat(200)}!@corp.example` } };
  const started = process.cpuUsage();
  Condition.of('user.email.matches("^(a+)+$")').of(subject);
  expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
});

it.each([
  ['user.emailDomain == "Corp.example" && claims.x == 1', ['corp.example']],
  ['"corp.example" == user.emailDomain', ['corp.example']],
  [
    'user.email == "ada@corp.example" || user.emailDomain in ["a.example", "b.example"]',
    ['corp.example', 'a.example', 'b.example'],
  ],
  ['user.email.endsWith("@corp.example")', ['corp.example']],
  ['user.email.endsWith("corp.example")', null],
  ['user.emailDomain == "a.example" || claims.x == 1', null],
  ['!(user.emailDomain == "a.example")', null],
  ['true', null],
])('%s is for people of %j', (source, domains) => {
  expect(Condition.of(source).emailDomains).toEqual(domains);
});

it.each([
  ['user.emailDomain == "corp.example"', [{ domain: 'corp.example', address: null }]],
  ['"ada@corp.example" != user.email', [{ domain: 'corp.example', address: 'ada@corp.example' }]],
  [
    'claims.x == 1 || !(user.email.lowerAscii().endsWith("@corp.example"))',
    [{ domain: 'corp.example', address: null }],
  ],
  ['user["emailDomain"] in ["a.example"]', [{ domain: 'a.example', address: null }]],
  ['user.email.split("@")[1] == "a.example"', [{ domain: 'a.example', address: null }]],
  ['user.email.startsWith("ada@")', []],
  ['user.email.contains("ada")', []],
  ['claims.domain == "corp.example" && ORG_SLUG == "a.example"', []],
])('%s names %j', (source, named) => {
  expect(Condition.of(source).namedAddresses).toEqual(named);
});

describe('what others wrote', () => {
  const groups = Array.from({ length: 28_000 }, (_, index) => index);
  const hostile: Subject = { ...ada, claims: { groups, text: 'ab'.repeat(14_000) } };
  const within = async (source: string, subject: Subject) => {
    const condition = Condition.of(source);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const results = await evaluateInSlices([condition], (one) => one.of(subject), 500);
    clearInterval(timer);
    return { result: results[0] ?? null, turns };
  };

  it.each([
    ['every element of a list in the list', 'claims.groups.all(g, g in claims.groups)'],
    ['lists compared with lists', 'claims.groups.all(g, claims.groups == claims.groups)'],
    ['a list of the whole list', 'claims.groups.map(g, claims.groups) == claims.groups.map(g, claims.groups)'],
    ['a regular expression for each element', 'claims.groups.exists(g, claims.text.matches("(a?b?){1000}c$"))'],
    ['a large regular expression', `claims.text.matches("${'(ab?){1000}'.repeat(50)}")`],
  ])('is given up within a slice: %s', async (_, source) => {
    const { result, turns } = await within(source, hostile);
    expect(result).toBeNull();
    // Others had their turn between the slices.
    expect(turns).toBeGreaterThan(0);
  });

  it.each([
    ['texts', `claims.text${'+claims.text'.repeat(50)} == ""`],
    ['texts in loops', `[claims.text].map(t, ${'t+'.repeat(200)}t) == []`],
    ['replacements', `claims.text${'.replace("a", "aaaaaaaaaa")'.repeat(20)} == ""`],
    ['joined texts', 'claims.groups.map(g, claims.text).join("") == ""'],
    ['formatted texts', '"%s".format([claims.groups.map(g, claims.text)]) == ""'],
    ['lists', `(claims.groups${'+claims.groups'.repeat(40)}).size() == 1`],
  ])('builds no huge %s', async (_, source) => {
    const { result } = await within(source, hostile);
    expect(result?.holds ?? false).toBe(false);
    expect(result?.error ?? '').toMatch(/too large|^$/);
  });

  it.each([['('], ['['], ['{1:'], ['f('], ['[1].map(x,'], ['a[']])('refuses many %s before it is parsed', (open) => {
    expect(() => Condition.of(open.repeat(300).slice(0, 1000))).toThrow('levels deep');
  });

  it('does not count brackets in texts', () => {
    expect(Condition.of(`user.name != "${'('.repeat(100)}" && user.name != '${'['.repeat(100)}'`).of(ada).holds).toBe(
      true,
    );
  });
});
