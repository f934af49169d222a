import sharp from 'sharp';
import { PurgeService } from '../src/purge/index.js';
import { type MailServer, type ReceivedMail, startMailServer } from './support/mail-server.js';
import { type Person, signInAdmin } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

const OPERATOR = '/admin/operator/branding';
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 10"><rect width="10" height="10" fill="#0f766e"/>
  <text x="12" y="8" font-size="8" fill="#ff0000">Acme</text></svg>`;

let smtp: MailServer;
let app: TestApp;
let staff: Person;

beforeAll(async () => {
  smtp = await startMailServer();
  app = await startTestApp({ SMTP_URL: smtp.url });
  staff = await signInAdmin(app);
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

const picture = (color: string, format: 'png' | 'jpeg' | 'webp' = 'png', width = 300) =>
  sharp({ create: { width, height: 100, channels: 3, background: color } })
    .toFormat(format)
    .toBuffer();

async function upload(path: string, bytes: Buffer | string, field = 'logoUrl'): Promise<string> {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(Buffer.from(bytes as Buffer))]), 'logo.txt');
  const headers = { authorization: `Bearer ${staff.accessToken}` };
  const url = `${app.client().base}${path}/logo?field=${field}`;
  const response = await fetch(url, { method: 'POST', headers, body: form });
  expect(response.status).toBe(201);
  const { local } = (await response.json()) as { local: { logoUrl: string; dark: { logoUrl: string } } };
  return field === 'dark.logoUrl' ? local.dark.logoUrl : local.logoUrl;
}

let invited = 0;
async function mailOf(organization: Organization): Promise<ReceivedMail> {
  const email = `logo-${++invited}@mail.example`;
  await staff.client.post(`${organization.path}/invitations`, { email, role: 'user' });
  return (await smtp.to(email))[0] as ReceivedMail;
}

const imagesIn = ({ html = '' }: ReceivedMail): string[] =>
  [...html.matchAll(/<img src="([^"]*)"/g)].map(([, src = '']) => src);

async function fetched(url = '', operator = 'demo') {
  const response = await fetch(url.replace(`${BASE_URL}/t/demo`, `${app.origin}/t/${operator}`));
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

const brandingOf = ({ path }: Organization) => `${path}/branding`;
const keptLogos = async ({ id }: Organization) =>
  (await app.sql.query('select id, bytes from organization_logos where organization_id = $1 order by id', [id])).rows;

describe('a logo in mails', () => {
  it('is a PNG that is sharp and complete, also of an SVG with text', async () => {
    const acme = await newOrganization(staff, 'Vector Mail');
    const logoUrl = await upload(brandingOf(acme), SVG);
    const [src] = imagesIn(await mailOf(acme));
    expect(src).toBe(`${logoUrl}.png`);
    const { status, headers, bytes } = await fetched(src);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    const image = sharp(bytes);
    expect(await image.metadata()).toMatchObject({ format: 'png', width: 400, height: 80, hasAlpha: true });
    const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const pixels = Array.from({ length: info.width * info.height }, (_, index) => [
      ...data.subarray(4 * index, 4 * index + 4),
    ]);
    expect(pixels[0]).toEqual([15, 118, 110, 255]);
    // The text was drawn, which needs a font.
    expect(
      pixels.filter(([red = 0, green = 0, , alpha]) => red > 200 && green < 50 && alpha === 255).length,
    ).toBeGreaterThan(200);
  });

  it.each(['png', 'jpeg', 'webp'] as const)('is a PNG of a %s', async (format) => {
    const acme = await newOrganization(staff, `Raster ${format}`);
    await upload(brandingOf(acme), await picture('red', format));
    await upload(brandingOf(acme), await picture('blue', format), 'dark.logoUrl');
    const sources = imagesIn(await mailOf(acme));
    expect(sources).toHaveLength(2);
    for (const src of sources) {
      const { bytes } = await fetched(src);
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 240, height: 80 });
    }
  });

  it('stays in mails that were sent, until the organization is purged', async () => {
    const acme = await newOrganization(staff, 'Replaced Mail');
    const path = brandingOf(acme);
    const first = await upload(path, await picture('red'));
    const [old = ''] = imagesIn(await mailOf(acme));
    const before = await fetched(old);
    const second = await upload(path, await picture('blue'));
    const third = await upload(path, SVG);
    expect((await fetched(old)).bytes.equals(before.bytes)).toBe(true);
    for (const gone of [first, second, `${second}.png`])
      expect([gone, (await fetched(gone)).status]).toEqual([gone, 404]);
    // Only the small picture of the first is kept, and nothing of the second, which no mail showed.
    expect((await keptLogos(acme)).map(({ bytes }) => bytes === null)).toEqual([true, false]);
    expect(imagesIn(await mailOf(acme))).toEqual([`${third}.png`]);
    await staff.client.delete(`${path}?fields=logoUrl`);
    expect(imagesIn(await mailOf(acme))).toEqual([]);
    for (const kept of [old, `${third}.png`]) expect((await fetched(kept)).status).toBe(200);

    await staff.client
      .at(app.origin)
      .post('/api/v1/operators', { slug: 'other-logos', name: 'O', adminEmail: staff.email });
    expect((await fetched(old, 'other-logos')).status).toBe(404);
    expect((await staff.client.delete(`${acme.path}?confirmName=Replaced%20Mail`)).status).toBe(202);
    expect((await fetched(old)).status).toBe(200);
    await app.sql.query(`update organizations set deleted_at = now() - interval '8 days' where id = $1`, [acme.id]);
    await app.app.get(PurgeService).run();
    expect((await fetched(old)).status).toBe(404);
  });

  it('of the operator stays too, and is shown by its organizations', async () => {
    const acme = await newOrganization(staff, 'Inherited Mail');
    const logoUrl = await upload(OPERATOR, await picture('green'));
    const [src] = imagesIn(await mailOf(acme));
    expect(src).toBe(`${logoUrl}.png`);
    await staff.client.delete(`${OPERATOR}?fields=logoUrl`);
    expect((await fetched(logoUrl)).status).toBe(404);
    expect((await fetched(src)).status).toBe(200);
  });

  it('is kept for the newest hundred that were replaced', async () => {
    const acme = await newOrganization(staff, 'Many Logos');
    const path = brandingOf(acme);
    await upload(path, await picture('red'));
    const [oldest] = imagesIn(await mailOf(acme));
    // As if each of 99 others had been mailed and replaced.
    await app.sql.query(
      `insert into organization_logos (organization_id, id, content_type, bytes, mail_image, mailed_at)
       select organization_id, ('ffffffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, content_type, null, mail_image, now()
       from organization_logos, generate_series(1, 99) n where organization_id = $1`,
      [acme.id],
    );
    await upload(path, await picture('blue'));
    expect((await fetched(oldest)).status).toBe(200);
    await mailOf(acme);
    await upload(path, await picture('green'));
    expect((await fetched(oldest)).status).toBe(404);
    expect(await keptLogos(acme)).toHaveLength(101);
  });

  it('is replaced by the name if it cannot be drawn in time, and others are drawn meanwhile', async () => {
    const acme = await newOrganization(staff, 'Slow <Logo>');
    const other = await newOrganization(staff, 'Quick Logo');
    const filters = Array.from(
      { length: 600 },
      (_, index) =>
        `<feTurbulence baseFrequency="0.${(index % 9) + 1}" numOctaves="255" result="r${index}"/><feMorphology in="r${index}" radius="200" operator="dilate"/>`,
    );
    const slow = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 992 80"><filter id="f">${filters.join('')}</filter><rect width="992" height="80" filter="url(#f)"/></svg>`;
    const [logoUrl] = await Promise.all([upload(brandingOf(acme), slow), upload(brandingOf(other), SVG)]);
    expect((await fetched(logoUrl)).status).toBe(200);
    expect((await fetched(`${logoUrl}.png`)).status).toBe(404);
    const mail = await mailOf(acme);
    expect([imagesIn(mail), mail.html?.includes('Slow &lt;Logo&gt;')]).toEqual([[], true]);
    expect(imagesIn(await mailOf(other))).toHaveLength(1);
  });

  it('that is linked is shown as it is, except an SVG', async () => {
    const acme = await newOrganization(staff, 'Linked Logo');
    await staff.client.patch(brandingOf(acme), {
      logoUrl: 'https://cdn.example/logo.png?v=1.svg',
      dark: { logoUrl: 'https://cdn.example/dark.SVG?v=2' },
    });
    expect(imagesIn(await mailOf(acme))).toEqual(['https://cdn.example/logo.png?v=1.svg']);
  });
});
