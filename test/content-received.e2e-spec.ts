import type { Answer } from './support/client.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;
let one: Organization;
let other: Organization;
let admin: Person;
let user: Person;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'content-admin');
  one = await newOrganization(staff, 'One & Only', admin);
  other = await newOrganization(staff, 'Other');
  user = await newMember(app, staff, one, 'user', 'content-user');
});
afterAll(() => app.close());

const done = async (answer: Promise<Answer>): Promise<any> => {
  const { status, body } = await answer;
  if (status >= 400) throw new Error(`${status} ${body.code} ${body.detail} ${JSON.stringify(body.errors)}`);
  return body;
};
const outcome = ({ status, body }: Answer) => [status, body?.code];

const KINDS = { template: 'templates', content: 'content' } as const;
type Kind = keyof typeof KINDS;

const received = (organization: Organization, kind: Kind, id = '') =>
  `/organizations/${organization.id}/${KINDS[kind]}${id && `/${id}`}`;

let count = 0;
/** Creates and publishes a document. Returns its id. */
async function published(kind: Kind, input: object = {}): Promise<string> {
  const path = `/admin/${KINDS[kind]}`;
  const { id } = await done(staff.client.post(path, { title: `Document ${++count}`, body: 'Hello', ...input }));
  await done(staff.client.post(`${path}/${id}/publish`, { version: 1 }));
  return id;
}

/** Publishes the next version. */
async function next(kind: Kind, id: string, input: object): Promise<void> {
  const path = `/admin/${KINDS[kind]}/${id}`;
  while ((await done(staff.client.get(`${path}/publication`))).state === 'publishing')
    await new Promise((resolve) => setTimeout(resolve, 50));
  const { version } = await done(staff.client.post(`${path}/versions`, input));
  await done(staff.client.post(`${path}/publish`, { version }));
}

const view = (kind: Kind, id: string, person = admin, organization = one) =>
  done(person.client.get(received(organization, kind, id)));

describe.each(['template', 'content'] as const)('the audience of a %s', (kind) => {
  const sees = async (organization: Organization, id: string): Promise<boolean> => {
    const { status } = await staff.client.get(received(organization, kind, id));
    const { items } = await done(staff.client.get(`${received(organization, kind)}?limit=100`));
    const listed = items.some((item: any) => item.id === id);
    expect([200, 404]).toContain(status);
    expect(listed).toBe(status === 200);
    return listed;
  };

  it.each([
    ['all', () => [], [true, true, true]],
    ['only', () => [one.id], [true, false, false]],
    ['except', () => [one.id], [false, true, true]],
  ] as const)('%s reaches the right ones, also those created later', async (mode, ids, expected) => {
    const id = await published(kind, { audience: { mode, organizationIds: ids() } });
    const later = await newOrganization(staff, `Later ${mode} ${kind}`);
    expect([await sees(one, id), await sees(other, id), await sees(later, id)]).toEqual(expected);
  });

  it('can change at any time, and a withdrawal takes effect on every server', async () => {
    const id = await published(kind);
    const elsewhere = admin.client.at(`${replica.origin}/t/demo/api/v1`);
    expect((await elsewhere.get(received(one, kind, id))).status).toBe(200);
    const except = { audience: { mode: 'except', organizationIds: [one.id] } };
    await done(staff.client.patch(`/admin/${KINDS[kind]}/${id}`, except));
    expect(outcome(await elsewhere.get(received(one, kind, id)))).toEqual([404, 'content.not_found']);
    await done(staff.client.patch(`/admin/${KINDS[kind]}/${id}`, { audience: { mode: 'all' } }));
    expect((await elsewhere.get(received(one, kind, id))).status).toBe(200);
    await done(staff.client.post(`/admin/${KINDS[kind]}/${id}/withdraw`));
    expect(outcome(await elsewhere.get(received(one, kind, id)))).toEqual([404, 'content.not_found']);
    expect(outcome(await admin.client.patch(received(one, kind, `${id}/adoption`), { follow: 1 }))).toEqual([
      404,
      'content.not_found',
    ]);
  });

  it('does not see drafts', async () => {
    const { id } = await done(staff.client.post(`/admin/${KINDS[kind]}`, { title: 'Draft', body: 'x' }));
    expect(await sees(one, id)).toBe(false);
  });
});

describe('overrides', () => {
  const text = (name: string, value: string, more: object = {}) => ({ name, type: 'text', default: value, ...more });

  it('survive every new version, and the answer says what differs', async () => {
    const id = await published('content', {
      body: 'One',
      fields: [
        text('COMPANY', 'Trellis'),
        text('CONTACT', 'office@example.com'),
        { name: 'NET', type: 'number', default: 30 },
        text('LAW', 'Germany', { locked: true }),
      ],
    });
    const adoption = received(one, 'content', `${id}/adoption`);
    const adopted = await done(
      admin.client.patch(adoption, { overrides: { COMPANY: 'Acme', CONTACT: 'acme@example.com', NET: 14 } }),
    );
    const operator = { level: 'operator', id: expect.any(String), name: expect.any(String) };
    const organization = { level: 'organization', id: one.id, name: 'One & Only' };
    expect(adopted).toMatchObject({
      version: 1,
      basedOn: 1,
      available: 1,
      follow: 'latest',
      values: { COMPANY: 'Acme', CONTACT: 'acme@example.com', NET: 14, LAW: 'Germany' },
      sources: { COMPANY: organization, NET: organization, LAW: operator },
      local: { COMPANY: 'Acme', CONTACT: 'acme@example.com', NET: 14 },
      locked: { LAW: operator },
      unused: [],
      comparison: null,
    });

    // The second version removes one field, changes the type of another, locks the third and adds one.
    await next('content', id, {
      body: 'Two',
      fields: [
        text('COMPANY', 'Trellis Inc.', { locked: true }),
        text('NET', 'thirty days'),
        text('LAW', 'Germany', { locked: true }),
        text('PLACE', 'Berlin'),
      ],
    });
    expect(await view('content', id)).toMatchObject({
      body: 'Two',
      version: 2,
      basedOn: 1,
      available: 2,
      values: { COMPANY: 'Trellis Inc.', NET: 'thirty days', LAW: 'Germany', PLACE: 'Berlin' },
      unused: [
        { name: 'COMPANY', value: 'Acme', reason: 'locked' },
        { name: 'CONTACT', value: 'acme@example.com', reason: 'removed' },
        { name: 'NET', value: 14, reason: 'type_changed' },
      ],
      comparison: {
        titleChanged: false,
        bodyChanged: true,
        fields: [
          { name: 'COMPANY', change: 'changed', override: 'Acme', available: { locked: true } },
          { name: 'NET', change: 'changed', override: 14, basedOn: { type: 'number' }, available: { type: 'text' } },
          { name: 'LAW', change: 'unchanged', override: null },
          { name: 'PLACE', change: 'added', basedOn: null, override: null },
          { name: 'CONTACT', change: 'removed', available: null, override: 'acme@example.com' },
        ],
      },
    });

    // The third version brings them back, and the overrides count again.
    await next('content', id, {
      body: 'Three',
      fields: [
        text('COMPANY', 'Trellis'),
        text('CONTACT', 'x@example.com'),
        { name: 'NET', type: 'number', default: 60 },
      ],
    });
    expect(await view('content', id)).toMatchObject({
      body: 'Three',
      basedOn: 1,
      available: 3,
      values: { COMPANY: 'Acme', CONTACT: 'acme@example.com', NET: 14 },
      unused: [],
    });
    const confirmed = await done(admin.client.patch(adoption, { overrides: { NET: 7 } }));
    expect(confirmed).toMatchObject({
      basedOn: 3,
      available: 3,
      comparison: null,
      values: { COMPANY: 'Acme', NET: 7 },
    });
    expect((await admin.client.delete(adoption)).status).toBe(204);
    expect(await view('content', id)).toMatchObject({ local: {}, values: { COMPANY: 'Trellis', NET: 60 }, basedOn: 3 });
    expect((await view('content', id, staff, other)).values).toMatchObject({ COMPANY: 'Trellis' });
  });

  it('stay beside a version that is kept, until it is let go', async () => {
    const id = await published('template', { body: 'One', fields: [text('A', 'a1')] });
    const adoption = received(one, 'template', `${id}/adoption`);
    await done(admin.client.patch(adoption, { follow: 1 }));
    await next('template', id, { body: 'Two', fields: [text('A', 'a2'), text('B', 'b2')] });
    expect(await view('template', id)).toMatchObject({
      body: 'One',
      version: 1,
      follow: 1,
      basedOn: 1,
      available: 2,
      values: { A: 'a1' },
      comparison: { bodyChanged: true, fields: [{ name: 'A' }, { name: 'B', change: 'added' }] },
    });
    expect((await admin.client.patch(adoption, { overrides: { B: 'x' } })).body.code).toBe('content.unknown_field');
    await done(admin.client.patch(adoption, { follow: 'latest', overrides: { B: 'mine' } }));
    expect(await view('template', id)).toMatchObject({ body: 'Two', version: 2, values: { A: 'a2', B: 'mine' } });
    // Removing the last override leaves nothing behind.
    await done(admin.client.patch(adoption, { overrides: { B: null } }));
    expect((await app.sql.query('select 1 from content_adoptions where item_id = $1', [id])).rows).toEqual([]);
  });

  it.each([
    ['a locked field', { overrides: { LOCKED: 'x' } }, 409, 'content.field_locked'],
    ['an unknown field', { overrides: { NONE: 'x' } }, 422, 'content.unknown_field'],
    ['another type', { overrides: { A: 5 } }, 422, 'content.wrong_type'],
    ['a large value', { overrides: { A: 'x'.repeat(16 * 1024 + 1) } }, 422, 'content.wrong_type'],
    ['NUL', { overrides: { A: 'a\0b' } }, 422, 'content.wrong_type'],
    ['a list of overrides', { overrides: [] }, 400, 'validation_failed'],
    ['a version that does not exist', { follow: 9 }, 422, 'content.unknown_version'],
    ['a version that is a draft', { follow: 2 }, 422, 'content.unknown_version'],
    ['version 0', { follow: 0 }, 400, 'validation_failed'],
    ['another word', { follow: 'newest' }, 400, 'validation_failed'],
  ])('refuse %s, and nothing changes', async (_, input, status, code) => {
    const id = await published('template', { fields: [text('A', 'a'), text('LOCKED', 'l', { locked: true })] });
    await done(staff.client.post(`/admin/templates/${id}/versions`, { body: 'Draft' }));
    const answer = await admin.client.patch(received(one, 'template', `${id}/adoption`), input);
    expect(outcome(answer)).toEqual([status, code]);
    if (code === 'content.field_locked')
      expect(answer.body).toMatchObject({ locked: { LOCKED: { level: 'operator' } } });
    expect((await app.sql.query('select 1 from content_adoptions where item_id = $1', [id])).rows).toEqual([]);
  });

  it('are for admins, and are protected against lost updates', async () => {
    const id = await published('content', { fields: [text('A', 'a')] });
    const adoption = received(one, 'content', `${id}/adoption`);
    expect((await user.client.patch(adoption, { overrides: { A: 'x' } })).status).toBe(403);
    const { etag } = await view('content', id, user);
    const stale = { headers: { 'if-match': etag } };
    expect((await admin.client.patch(adoption, { overrides: { A: 'x' } }, stale)).status).toBe(200);
    expect((await admin.client.patch(adoption, { overrides: { A: 'y' } }, stale)).status).toBe(412);
    const unit = `/organizations/${one.id}/units/${one.defaultUnitId}/content`;
    expect(await done(admin.client.get(`${unit}/${id}`))).toMatchObject({
      values: { A: 'x' },
      sources: { A: { level: 'organization' } },
      local: {},
    });
    expect((await done(admin.client.get(`${unit}?q=document`))).items).toContainEqual(expect.objectContaining({ id }));
    expect((await user.client.get(unit)).status).toBe(404);
  });
});

describe('rendering', () => {
  const render = async (input: object, request: object = {}, person = admin) => {
    const id = await published('template', input);
    return person.client.post(`${received(one, 'template', id)}/render`, request);
  };

  it('takes variables of the tree, fields and what is given, in this order', async () => {
    await done(admin.client.put(`${one.path}/variables/CITY`, { value: 'Berlin' }));
    await done(admin.client.put(`${one.path}/variables/TOKEN`, { value: 'hidden', secret: true }));
    const unit = `${one.path}/units/${one.defaultUnitId}`;
    await done(admin.client.put(`${unit}/variables/CITY`, { value: 'Hamburg' }));
    const input = {
      title: 'For {{ORG_NAME}}',
      format: 'text',
      body: '{{CITY}} {{FEE}} {{FLAG}} {{DATA}} {{NOTE}} {{TOKEN}} {{NOWHERE}} {{NOWHERE}} {{UNIT_NAME}}',
      fields: [
        { name: 'FEE', type: 'number', default: 12.5 },
        { name: 'FLAG', type: 'boolean', default: false },
        { name: 'DATA', type: 'json', default: { a: [1] } },
        { name: 'NOTE', type: 'text', default: 'note' },
        { name: 'EMPTY', type: 'text' },
      ],
    };
    const id = await published('template', input);
    const path = `${received(one, 'template', id)}/render`;
    expect(await done(user.client.post(path, {}))).toEqual({
      title: 'For One & Only',
      body: 'Berlin 12.5 false {"a":[1]} note {{TOKEN}} {{NOWHERE}} {{NOWHERE}} {{UNIT_NAME}}',
      missing: ['TOKEN', 'NOWHERE', 'UNIT_NAME'],
    });
    const given = { NOTE: 'given {{CITY}}', TOKEN: 'mine' };
    expect((await done(admin.client.post(path, { unitId: one.defaultUnitId, variables: given }))).body).toBe(
      'Hamburg 12.5 false {"a":[1]} given {{CITY}} mine {{NOWHERE}} {{NOWHERE}} Default',
    );
    expect(outcome(await user.client.post(path, { unitId: one.defaultUnitId }))).toEqual([404, 'units.not_found']);
    expect(outcome(await admin.client.post(path, { unitId: other.defaultUnitId }))).toEqual([404, 'units.not_found']);
  });

  it.each([
    ['a locked field', { LOCKED: 'x' }, 409, 'content.field_locked'],
    ['a built-in variable', { ORG_NAME: 'x' }, 400, 'validation_failed'],
    ['a name in lower case', { name: 'x' }, 400, 'validation_failed'],
    ['a number', { A: 5 }, 400, 'validation_failed'],
    ['too many', Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`A${n}`, 'x'])), 400, 'validation_failed'],
  ])('refuses to be given %s', async (_, variables, status, code) => {
    const fields = [{ name: 'LOCKED', type: 'text', default: 'l', locked: true }];
    expect(outcome(await render({ fields }, { variables }))).toEqual([status, code]);
  });

  const HOSTILE =
    '<script>alert(1)</script> [x](javascript:alert(1)) **bold** https://evil.example `code`\n# Heading\n\n---';

  it('makes values text in Markdown, whatever they contain', async () => {
    const body =
      '# {{A}}\n\n{{A}}\n\n| a |\n|---|\n| {{A}} |\n\n`{{A}}`\n\n```\n{{A}}\n```\n\n<b title="{{A}}">x</b>\n\n[{{A}}](https://ok.example/{{A}})';
    const { html, body: text } = await done(render({ body }, { variables: { A: HOSTILE } }) as Promise<any>);
    expect(html).not.toMatch(/<script|<strong|href="(?!https:\/\/ok\.example\/)|<h2|<hr|javascript:[^<]*"/);
    expect(html.match(/<a /g)).toHaveLength(1);
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html.match(/<code/g)).toHaveLength(2);
    expect(html).toContain('rel="noopener noreferrer"');
    expect(html).toContain('&#x3C;script>alert(1)&#x3C;/script>');
    // The Markdown shows the same when it is rendered once more.
    const again = await done(render({ body: text }) as Promise<any>);
    expect(again.html).not.toMatch(/<script|<strong|<h2|<hr|href="javascript/);
    expect(again.html.match(/<h1/g)).toHaveLength(1);
    expect(again.html.match(/<code/g)).toHaveLength(2);
  });

  it('takes over fields that are Markdown, as blocks and within a line', async () => {
    const fields = [
      { name: 'TERMS', type: 'markdown', default: '- one\n- **two**\n\n<script>x</script>' },
      { name: 'SHORT', type: 'markdown', default: '*short* {{ORG_NAME}}' },
    ];
    const { html } = await done(render({ body: '{{TERMS}}\n\nSee {{SHORT}}.', fields }) as Promise<any>);
    expect(html).toContain('<li><strong>two</strong></li>');
    expect(html).toContain('<p>See <em>short</em> {{ORG_NAME}}.</p>');
    expect(html).not.toContain('script');
  });

  it('keeps safe links and images only', async () => {
    const body =
      '[a](https://a.example) [b](http://b.example) [c](javascript:alert(1)) [d](mailto:d@example.com) [e](/e) [f](//f.example) ' +
      '[g](data:text/html,x) ![h](https://h.example/h.png) ![i](http://i.example/i.png) ![j](data:image/png;base64,x) www.k.example [l]({{URL}})';
    const { html } = await done(render({ body }, { variables: { URL: 'javascript:alert(1)' } }) as Promise<any>);
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      'https://a.example',
      'mailto:d@example.com',
    ]);
    expect([...html.matchAll(/src="([^"]*)"/g)].map(([, src]) => src)).toEqual(['https://h.example/h.png']);
  });

  it('keeps JSON valid', async () => {
    const body = '{"name": "{{A}}", "list": ["x{{A}}y"], "{{B}}": 1}';
    const variables = { A: 'quote " back \\ line\n {{B}} \u2028', B: 'key"' };
    const { body: text, html } = await done(render({ format: 'json', body }, { variables }) as Promise<any>);
    expect(JSON.parse(text)).toEqual({ name: variables.A, list: [`x${variables.A}y`], 'key"': 1 });
    expect(html).toBeUndefined();
  });

  it('is refused when the document becomes too large', async () => {
    const bomb = { body: '{{A}}'.repeat(10_000) };
    for (const format of ['markdown', 'text', 'json']) {
      const body = format === 'json' ? JSON.stringify(bomb.body) : bomb.body;
      const answer = await render({ format, body }, { variables: { A: 'x'.repeat(10_000) } });
      expect(outcome(answer)).toEqual([422, 'content.too_large']);
    }
  });
});

it('a document that takes too long to render is refused, and others are rendered meanwhile', async () => {
  const bomb = { title: 'Bomb', body: '>'.repeat(256 * 1024) };
  const refused = staff.client.post('/admin/templates', bomb);
  const id = await published('template', { format: 'text' });
  expect((await admin.client.post(`${received(one, 'template', id)}/render`, {})).status).toBe(200);
  expect(outcome(await refused)).toEqual([422, 'content.too_complex']);
  const deep = await staff.client.post('/admin/templates', { ...bomb, body: `${'['.repeat(20_000)}x` });
  expect([201, 422]).toContain(deep.status);
  expect((await done(staff.client.post('/admin/templates', { title: 'After', body: 'x' }))).title).toBe('After');
});

it('a content item comes with HTML that is safe to show', async () => {
  const id = await published('content', { body: '# Hi {{ORG_NAME}}\n\n<img src=x onerror=alert(1)>' });
  expect((await view('content', id)).html.trim()).toBe('<h1>Hi {{ORG_NAME}}</h1>');
});
