import { Condition, type Subject } from './condition.js';
import { ConditionError } from './condition.syntax.js';

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
