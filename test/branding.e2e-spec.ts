import { connect } from 'node:net';
import sharp from 'sharp';
import { DataSource } from 'typeorm';
import { BrandingService } from '../src/settings/index.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

const OPERATOR = '/admin/operator/branding';

let app: TestApp;
let staff: Person;
let png: Buffer;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  png = await sharp({ create: { width: 20, height: 10, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
});
afterAll(() => app.close());
afterEach(async () => {
  // What one test sets at the operator must not affect the organizations of the next.
  const { body } = await staff.client.get(OPERATOR);
  await staff.client.patch(OPERATOR, { locks: [] });
  const set = Object.keys(body.sources).filter(
    (field) => body.sources[field].level === 'operator' && field !== 'displayName',
  );
  await staff.client.delete(`${OPERATOR}?fields=${[...set, 'displayName'].join(',')}`);
});

const brandingOf = ({ path }: Organization) => `${path}/branding`;
const unitBrandingOf = ({ path, defaultUnitId }: Organization) => `${path}/units/${defaultUnitId}/branding`;
const matching = (etag: string) => ({ headers: { 'if-match': etag } });

async function eventsOf({ id }: Organization): Promise<Record<string, unknown>[]> {
  const { rows } = await app.sql.query(
    `select subject_type as "subjectType", subject_id as "subjectId", before, after from organization_events
     where organization_id = $1 and type = 'branding.updated' order by seq`,
    [id],
  );
  return rows;
}

describe('branding', () => {
  it('is inherited, and every value names the level it comes from', async () => {
    const acme = await newOrganization(staff, 'Flow Inc');
    await staff.client.patch(OPERATOR, {
      primaryColor: '#0A4',
      supportUrl: 'https://help.example/',
      dark: { textColor: '#FFF' },
    });
    await staff.client.patch(brandingOf(acme), { textColor: '#222222' });
    const { status, body, headers } = await staff.client.get(unitBrandingOf(acme));
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe(body.etag);
    expect(body.values).toMatchObject({
      displayName: 'Default',
      primaryColor: '#00aa44',
      textColor: '#222222',
      backgroundColor: '#ffffff',
      themeMode: 'auto',
      logoUrl: null,
      dark: { textColor: '#ffffff', backgroundColor: '#111827' },
    });
    expect(body.sources).toMatchObject({
      displayName: { level: 'unit', id: acme.defaultUnitId, name: 'Default', derived: true },
      primaryColor: { level: 'operator' },
      'dark.textColor': { level: 'operator' },
      textColor: { level: 'organization', id: acme.id, name: 'Flow Inc' },
      backgroundColor: { level: 'system', id: null, name: null },
    });
    expect(body).toMatchObject({ local: {}, locked: {}, locks: [] });
    expect((await staff.client.get(brandingOf(acme))).body.local).toEqual({ textColor: '#222222' });
  });

  it('shows the real name and the contact of the operator by default', async () => {
    const acme = await newOrganization(staff, 'Named Inc');
    await app.sql.query(`update operators set support_email = 'help@demo.example' where slug = 'demo'`);
    const open = await staff.client.get(brandingOf(acme));
    expect(open.body.values).toMatchObject({ displayName: 'Named Inc', supportEmail: 'help@demo.example' });
    expect(open.body.sources).toMatchObject({
      displayName: { level: 'organization', id: acme.id, derived: true },
      supportEmail: { level: 'operator', derived: true },
    });
    expect(open.body.sources.primaryColor).not.toHaveProperty('derived');
    await staff.client.patch(OPERATOR, { displayName: 'Demo Cloud', supportEmail: 'brand@demo.example' });
    const set = await staff.client.get(brandingOf(acme));
    expect(set.body.values).toMatchObject({ displayName: 'Demo Cloud', supportEmail: 'brand@demo.example' });
    expect(set.body.local).toEqual({});
    for (const field of ['displayName', 'supportEmail'])
      expect([field, set.body.sources[field].derived]).toEqual([field, undefined]);
  });

  it('can be reset field by field, with null or with DELETE', async () => {
    const path = brandingOf(await newOrganization(staff, 'Reset Inc'));
    await staff.client.patch(path, {
      displayName: 'A',
      textColor: '#111',
      dark: { textColor: '#eee', primaryColor: '#ddd' },
    });
    const patched = await staff.client.patch(path, { displayName: null, dark: { textColor: null } });
    expect(patched.body.local).toEqual({ textColor: '#111111', dark: { primaryColor: '#dddddd' } });
    const deleted = await staff.client.delete(`${path}?fields=textColor,dark.primaryColor,logoUrl`);
    expect([deleted.status, deleted.body.local]).toEqual([200, {}]);
    for (const query of ['', '?fields=', '?fields=nope', '?fields=textColor,nope', '?fields=dark']) {
      const refused = await staff.client.delete(path + query);
      expect([query, refused.status, refused.body.code]).toEqual([query, 400, 'validation_failed']);
    }
  });

  it('warns about colors with low contrast in both themes', async () => {
    const path = brandingOf(await newOrganization(staff, 'Pale Inc'));
    expect((await staff.client.get(path)).body.warnings).toEqual([]);
    const { body } = await staff.client.patch(path, { primaryColor: '#eeeeee', dark: { backgroundColor: '#ffffff' } });
    expect(body.warnings.map(({ field }: { field: string }) => field)).toEqual([
      'primaryColor',
      'dark.textColor',
      'dark.primaryColor',
    ]);
    expect(body.warnings[0]).toMatchObject({
      code: 'low_contrast',
      ratio: 1.16,
      required: 4.5,
      message: expect.any(String),
    });
  });

  it('refuses invalid values', async () => {
    const acme = await newOrganization(staff, 'Strict Inc');
    const bodies = [
      { primaryColor: 'red' },
      { logoUrl: 'http://example.com/x.png' },
      { dark: [] },
      { 'dark.textColor': '#fff' },
      { locks: ['nope'] },
      { nope: 1 },
    ];
    for (const body of bodies) {
      const refused = await staff.client.patch(brandingOf(acme), body);
      expect([body, refused.status, refused.body.code]).toEqual([body, 400, 'validation_failed']);
    }
    expect((await staff.client.patch(unitBrandingOf(acme), { locks: [] })).status).toBe(400);
    expect(await eventsOf(acme)).toEqual([]);
  });

  it('is recorded in an event with what changed, and not when nothing changed', async () => {
    const acme = await newOrganization(staff, 'Record Inc');
    await staff.client.patch(brandingOf(acme), { displayName: 'A', locks: ['textColor'] });
    await staff.client.patch(brandingOf(acme), { displayName: 'A', locks: ['textColor'] });
    const etag = (await staff.client.get(brandingOf(acme))).body.etag;
    expect((await staff.client.patch(brandingOf(acme), {})).body.etag).toBe(etag);
    await staff.client.patch(unitBrandingOf(acme), { dark: { primaryColor: '#aaa' } });
    await staff.client.delete(`${brandingOf(acme)}?fields=displayName,logoUrl`);
    expect(await eventsOf(acme)).toEqual([
      {
        subjectType: 'organization',
        subjectId: acme.id,
        before: { displayName: null, locks: [] },
        after: { displayName: 'A', locks: ['textColor'] },
      },
      {
        subjectType: 'unit',
        subjectId: acme.defaultUnitId,
        before: { 'dark.primaryColor': null },
        after: { 'dark.primaryColor': '#aaaaaa' },
      },
      { subjectType: 'organization', subjectId: acme.id, before: { displayName: 'A' }, after: { displayName: null } },
    ]);
    await staff.client.patch(OPERATOR, { mailFromName: 'Demo' });
    const { rows } = await app.sql.query(
      `select subject_type, after from operator_events where type = 'branding.updated' order by seq desc limit 1`,
    );
    expect(rows).toEqual([{ subject_type: 'operator', after: { mailFromName: 'Demo' } }]);
  });
});

describe('a lock', () => {
  it('applies the value of the locking level to all levels below and names that level', async () => {
    const acme = await newOrganization(staff, 'Locked Inc');
    await staff.client.patch(brandingOf(acme), { textColor: '#123456' });
    await staff.client.patch(OPERATOR, { textColor: '#000', locks: ['textColor', 'dark.textColor'] });
    const { body } = await staff.client.get(brandingOf(acme));
    expect(body.values).toMatchObject({ textColor: '#000000', dark: { textColor: '#f9fafb' } });
    expect(body.local).toEqual({ textColor: '#123456' });
    expect(body.locked).toMatchObject({ textColor: { level: 'operator' }, 'dark.textColor': { level: 'operator' } });
    expect((await staff.client.get(unitBrandingOf(acme))).body.locked).toEqual(body.locked);

    const refused = await staff.client.patch(brandingOf(acme), {
      displayName: 'No',
      textColor: '#fff',
      dark: { textColor: '#fff' },
    });
    expect([refused.status, refused.body.code]).toEqual([409, 'branding.locked']);
    expect(refused.body.errors.map(({ field }: { field: string }) => field)).toEqual(['textColor', 'dark.textColor']);
    expect(refused.body.locked.textColor).toEqual(body.locked.textColor);
    expect((await staff.client.get(brandingOf(acme))).body).toEqual(body);

    expect((await staff.client.patch(OPERATOR, { locks: [] })).body.locks).toEqual([]);
    expect((await staff.client.get(brandingOf(acme))).body.values.textColor).toBe('#123456');
  });

  it('never prevents a reset', async () => {
    const acme = await newOrganization(staff, 'Freed Inc');
    await staff.client.patch(brandingOf(acme), { textColor: '#123456', privacyUrl: 'https://example.com/p' });
    await staff.client.patch(OPERATOR, { locks: ['textColor', 'privacyUrl'] });
    expect((await staff.client.patch(brandingOf(acme), { textColor: null })).body.local).toEqual({
      privacyUrl: 'https://example.com/p',
    });
    expect((await staff.client.delete(`${brandingOf(acme)}?fields=privacyUrl`)).body.local).toEqual({});
  });
});

describe('concurrent branding changes', () => {
  const values: Record<string, string> = {
    primaryColor: '#123456',
    textColor: '#654321',
    supportUrl: 'https://example.com/1',
    termsUrl: 'https://example.com/2',
    privacyUrl: 'https://example.com/3',
    mailFromName: 'Many',
    supportEmail: 'many@example.com',
    themeMode: 'dark',
  };

  it('of different fields all survive, at every level', async () => {
    const acme = await newOrganization(staff, 'Many Inc');
    for (const path of [brandingOf(acme), unitBrandingOf(acme), OPERATOR]) {
      const answers = await Promise.all(
        Object.entries(values).map(([field, value]) => staff.client.patch(path, { [field]: value })),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect((await staff.client.get(path)).body.local).toEqual(values);
    }
  });

  it('with the same If-Match succeed once', async () => {
    const path = brandingOf(await newOrganization(staff, 'Once Inc'));
    const { etag } = (await staff.client.get(path)).body;
    const colors = ['#111111', '#222222', '#333333', '#444444', '#555555'];
    const answers = await Promise.all(
      colors.map((textColor) => staff.client.patch(path, { textColor }, matching(etag))),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 412, 412, 412, 412]);
  });

  it('are refused after a change at a level above', async () => {
    const acme = await newOrganization(staff, 'Above Inc');
    const { etag } = (await staff.client.get(unitBrandingOf(acme))).body;
    for (const [path, change] of [
      [OPERATOR, { privacyUrl: 'https://example.com/privacy' }],
      [brandingOf(acme), { locks: ['themeMode'] }],
      [acme.path, { name: 'Above and beyond' }],
    ] as const) {
      const before: string = (await staff.client.get(unitBrandingOf(acme))).body.etag;
      expect((await staff.client.patch(path, change)).status).toBe(200);
      const stale = await staff.client.patch(unitBrandingOf(acme), { displayName: 'X' }, matching(before));
      expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
    }
    expect((await staff.client.delete(`${unitBrandingOf(acme)}?fields=displayName`, matching(etag))).status).toBe(412);
    const now: string = (await staff.client.get(unitBrandingOf(acme))).body.etag;
    expect((await staff.client.patch(unitBrandingOf(acme), { displayName: 'X' }, matching(now))).status).toBe(200);
  });
});

describe('permission to', () => {
  it('see and change branding follows from the role', async () => {
    const ann = await newPerson(app, 'brand-ann');
    const acme = await newOrganization(staff, 'Roles Inc', ann);
    const mia = await newMember(app, staff, acme, 'manager', 'brand-mia');
    const uli = await newMember(app, staff, acme, 'user', 'brand-uli');
    const eve = await newPerson(app, 'brand-eve');
    const statuses = async (path: string, patch: object) =>
      Promise.all(
        [ann, mia, uli, eve].map(async ({ client }) => [
          (await client.get(path)).status,
          (await client.patch(path, patch)).status,
        ]),
      );
    expect(await statuses(brandingOf(acme), { displayName: 'Roles' })).toEqual([
      [200, 200],
      [200, 403],
      [200, 403],
      [404, 404],
    ]);
    expect(await statuses(OPERATOR, { displayName: 'No' })).toEqual(Array.from({ length: 4 }, () => [403, 403]));
    expect((await statuses(unitBrandingOf(acme), { displayName: 'Roles' })).slice(0, 2)).toEqual([
      [200, 200],
      [200, 403],
    ]);
    expect((await uli.client.post(`${brandingOf(acme)}/logo`, upload(png))).status).toBe(403);
    expect((await eve.client.delete(`${brandingOf(acme)}?fields=displayName`)).status).toBe(404);
    expect((await app.client().get(brandingOf(acme))).status).toBe(401);
  });

  it('change branding ends with the deletion of the organization', async () => {
    const acme = await newOrganization(staff, 'Ended Inc');
    await staff.client.delete(`${acme.path}?confirmName=Ended%20Inc`);
    const refused = await staff.client.patch(brandingOf(acme), { displayName: 'No' });
    expect([refused.status, refused.body.code]).toEqual([409, 'organizations.pending_deletion']);
  });
});

describe('the public branding', () => {
  it('returns the effective branding by slugs without authentication', async () => {
    const acme = await newOrganization(staff, 'Public Inc');
    await staff.client.patch(brandingOf(acme), { displayName: 'Shown', primaryColor: '#123456' });
    const anonymous = app.client();
    const { status, body, headers } = await anonymous.get(`/branding?organization=${acme.slug}&unit=default`);
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=60']);
    expect(body).toEqual({
      operator: { slug: 'demo', name: expect.any(String) },
      organization: { slug: acme.slug, name: 'Public Inc' },
      unit: { slug: 'default', name: 'Default' },
      values: expect.objectContaining({ displayName: 'Shown', primaryColor: '#123456', dark: expect.any(Object) }),
      etag: headers.get('etag'),
    });
    expect((await anonymous.get('/branding')).body).toMatchObject({ organization: null, unit: null });
    expect(
      (await anonymous.get(`/branding?organization=${acme.slug}`, { headers: { 'if-none-match': '*' } })).status,
    ).toBe(304);
  });

  it('answers 404 for unknown and deleted organizations, but not for suspended ones', async () => {
    const anonymous = app.client();
    const gone = await newOrganization(staff, 'Gone Inc');
    await staff.client.delete(`${gone.path}?confirmName=Gone%20Inc`);
    const away = await newOrganization(staff, 'Away Inc');
    await staff.client.post(`${away.path}/suspend`);
    expect((await anonymous.get(`/branding?organization=${away.slug}`)).status).toBe(200);
    for (const query of [
      `organization=${gone.slug}`,
      'organization=nope',
      `organization=${away.slug}&unit=nope`,
      "organization=x'",
      'organization=api',
    ]) {
      const answer = await anonymous.get(`/branding?${query}`);
      expect([query, answer.status, answer.body.code]).toEqual([query, 404, 'not_found']);
      expect(answer.headers.get('cache-control')).not.toContain('public');
    }
    expect((await app.client('nope').get('/branding')).status).toBe(404);
    expect((await anonymous.get('/branding?unit=default')).body.code).toBe('validation_failed');
  });

  it('is read with one query', async () => {
    const acme = await newOrganization(staff, 'Quick Inc');
    const pool = (app.app.get(DataSource).driver as unknown as { master: NodeJS.EventEmitter }).master;
    const operatorId: string = (await app.sql.query(`select id from operators where slug = 'demo'`)).rows[0].id;
    let queries = 0;
    const count = () => queries++;
    pool.on('acquire', count);
    const values = await app.app.get(BrandingService).effective(operatorId, acme.id, acme.defaultUnitId);
    pool.off('acquire', count);
    expect([queries, values.displayName]).toEqual([1, 'Default']);
    await expect(app.app.get(BrandingService).effective(acme.id, acme.id)).rejects.toMatchObject({ code: 'not_found' });
  });
});

function upload(bytes: Buffer, name = 'logo.txt'): FormData {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(bytes)]), name);
  return form;
}

/** Fetches a URL that begins with the base URL from this server. */
async function download(url: string, operator = 'demo') {
  expect(url.startsWith(`${BASE_URL}/t/demo/api/v1/branding/logos/`)).toBe(true);
  const response = await fetch(url.replace(`${BASE_URL}/t/demo`, `${app.origin}/t/${operator}`));
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

async function storedLogos({ id }: Organization): Promise<number> {
  const { rows } = await app.sql.query(
    'select count(*)::integer as count from organization_logos where organization_id = $1',
    [id],
  );
  return rows[0].count;
}

describe('a logo', () => {
  it('can be uploaded, is inherited by every level below, and is served safely', async () => {
    const acme = await newOrganization(staff, 'Logo Inc');
    const uploaded = await staff.client.post(`${brandingOf(acme)}/logo`, upload(png));
    expect([uploaded.status, uploaded.body.sources.logoUrl.level]).toEqual([201, 'organization']);
    const { logoUrl } = uploaded.body.local;
    expect((await staff.client.get(unitBrandingOf(acme))).body.values.logoUrl).toBe(logoUrl);
    const logo = await download(logoUrl);
    expect(logo.status).toBe(200);
    expect(Object.fromEntries(logo.headers)).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'cache-control': 'public, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect(await sharp(logo.bytes).metadata()).toMatchObject({ format: 'png', width: 20, height: 10 });
  });

  it('in SVG format is sanitized, whatever its file name', async () => {
    const acme = await newOrganization(staff, 'Vector Inc');
    const hostile =
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><rect width="5"/></svg>';
    const { body } = await staff.client.post(
      `${brandingOf(acme)}/logo?field=dark.logoUrl`,
      upload(Buffer.from(hostile), 'logo.png'),
    );
    const logo = await download(body.local.dark.logoUrl);
    expect(logo.headers.get('content-type')).toBe('image/svg+xml');
    expect(logo.bytes.toString()).toBe('<svg xmlns="http://www.w3.org/2000/svg"><rect width="5"/></svg>');
  });

  it('is deleted when its level no longer uses it', async () => {
    const acme = await newOrganization(staff, 'Swap Inc');
    const path = brandingOf(acme);
    const first = (await staff.client.post(`${path}/logo`, upload(png))).body.local.logoUrl;
    await staff.client.post(`${path}/logo?field=iconUrl`, upload(png));
    await staff.client.post(`${unitBrandingOf(acme)}/logo`, upload(png));
    expect(await storedLogos(acme)).toBe(3);
    const { local, etag } = (await staff.client.post(`${path}/logo`, upload(png))).body;
    expect(await storedLogos(acme)).toBe(3);
    expect((await download(first)).status).toBe(404);
    // Sending back the response changes nothing and keeps the upload.
    expect((await staff.client.patch(path, local)).body.etag).toBe(etag);
    expect((await download(local.logoUrl)).status).toBe(200);
    await staff.client.patch(path, { logoUrl: 'https://example.com/logo.png' });
    await staff.client.delete(`${path}?fields=iconUrl`);
    expect(await storedLogos(acme)).toBe(1);
  });

  it('of the operator is served only at the operator, and not after a reset', async () => {
    const { logoUrl } = (await staff.client.post(`${OPERATOR}/logo`, upload(png))).body.local;
    expect((await download(logoUrl)).status).toBe(200);
    expect((await download(logoUrl, 'other')).status).toBe(404);
    await staff.client.delete(`${OPERATOR}?fields=logoUrl`);
    expect((await download(logoUrl)).status).toBe(404);
  });

  it('is not served under other names or after its organization is deleted', async () => {
    const acme = await newOrganization(staff, 'Hidden Inc');
    const { logoUrl } = (await staff.client.post(`${brandingOf(acme)}/logo`, upload(png))).body.local;
    const id = logoUrl.split('.').pop();
    for (const name of [
      'x',
      id,
      acme.id,
      `${acme.id}.${acme.id}`,
      `${acme.id}.`,
      `${id}.${acme.id}`,
      '%27',
      '..%2f..',
    ]) {
      const answer = await app.client().get(`/branding/logos/${name}`);
      expect([name, answer.status]).toEqual([name, 404]);
      expect(answer.headers.get('cache-control')).not.toContain('immutable');
    }
    await staff.client.delete(`${acme.path}?confirmName=Hidden%20Inc`);
    expect((await download(logoUrl)).status).toBe(404);
  });

  it('is refused when it is too large, not an image, or not sent as a file', async () => {
    const path = `${brandingOf(await newOrganization(staff, 'Refused Inc'))}/logo`;
    const cases: [unknown, number, string][] = [
      [upload(Buffer.alloc(512 * 1024)), 422, 'branding.logo_invalid'],
      [upload(Buffer.alloc(512 * 1024 + 1)), 413, 'branding.logo_too_large'],
      [upload(Buffer.alloc(5_000_000)), 413, 'branding.logo_too_large'],
      [upload(Buffer.from('<html></html>')), 422, 'branding.logo_invalid'],
      [upload(png.subarray(0, 40)), 422, 'branding.logo_invalid'],
      [new FormData(), 400, 'validation_failed'],
      [{ file: 'x' }, 415, 'unsupported_media_type'],
      [undefined, 415, 'unsupported_media_type'],
    ];
    for (const [body, status, code] of cases) {
      const answer = await staff.client.post(path, body);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    }
    for (const body of ['nonsense', '--x\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nabc']) {
      const answer = await staff.client.post(path, body, {
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      });
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed_request']);
    }
    for (const query of ['field=nope', 'field=primaryColor', 'nope=1']) {
      expect((await staff.client.post(`${path}?${query}`, upload(png))).status).toBe(400);
    }
  });

  it('leaves the connection usable after a refusal', async () => {
    const acme = await newOrganization(staff, 'Next Inc');
    const { hostname, port } = new URL(app.origin);
    const head = `authorization: Bearer ${staff.accessToken}\r\nhost: x\r\n`;
    const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n';
    const length = part.length + 3_000_000;
    const answers = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST /t/demo/api/v1${brandingOf(acme)}/logo HTTP/1.1\r\n${head}content-type: multipart/form-data; boundary=x\r\n`,
        );
        socket.write(`content-length: ${length}\r\n\r\n${part}${'x'.repeat(3_000_000)}`);
        socket.write(`GET /t/demo/api/v1${brandingOf(acme)} HTTP/1.1\r\n${head}connection: close\r\n\r\n`);
      });
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  it('respects locks and If-Match, and is not stored when refused', async () => {
    const acme = await newOrganization(staff, 'Obedient Inc');
    const path = `${brandingOf(acme)}/logo`;
    expect((await staff.client.post(path, upload(png), matching('"stale"'))).status).toBe(412);
    await staff.client.patch(OPERATOR, { locks: ['logoUrl'] });
    expect((await staff.client.post(path, upload(png))).body.code).toBe('branding.locked');
    expect(await storedLogos(acme)).toBe(0);
    expect((await staff.client.post(`${path}?field=iconUrl`, upload(png))).status).toBe(201);
  });

  it('uploaded many times at once is stored once', async () => {
    const acme = await newOrganization(staff, 'Parallel Inc');
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => staff.client.post(`${brandingOf(acme)}/logo`, upload(png))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(await storedLogos(acme)).toBe(1);
    expect((await download((await staff.client.get(brandingOf(acme))).body.values.logoUrl)).status).toBe(200);
  });
});
