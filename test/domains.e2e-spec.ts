import { DomainRecheckJob } from '../src/organizations/index.js';
import type { Answer } from './support/client.js';
import { type DnsServer, startDnsServer } from './support/dns-server.js';
import { mailsTo, newPerson, type Person, signInAdmin } from './support/people.js';
import { runEverywhere } from './support/schedules.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let dns: DnsServer;
let staff: Person;

beforeAll(async () => {
  dns = await startDnsServer();
  app = await startTestApp({ DNS_SERVERS: dns.address });
  second = await app.replica();
  staff = await signInAdmin(app);
});
afterAll(async () => {
  await app.close();
  await dns.close();
});

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const claim = (organization: Organization, domain: string, by = staff) =>
  by.client.post(`${organization.path}/domains`, { domain });
const verify = (organization: Organization, id: string, by = staff) =>
  by.client.post(`${organization.path}/domains/${id}/verify`);
const publish = ({ body }: Answer, name: string = body.record.name): void => {
  dns.records.set(name, [...(dns.records.get(name) ?? []), 'v=spf1 -all', body.record.value]);
};

describe('a verified domain', () => {
  const servers = () => [app, second];
  const recheck = async (age = '2 days'): Promise<void> => {
    await app.sql.query(`update organization_domains set last_checked_at = now() - $1::interval`, [age]);
    await runEverywhere(servers(), DomainRecheckJob);
  };

  it('loses its verification when the record has been missing for seven days, after a warning', async () => {
    const admin = await newPerson(app, 'recheck-admin');
    const organization = await newOrganization(staff, 'Rechecked', admin);
    const claimed = await claim(organization, 'recheck.example');
    const { id, record } = claimed.body;
    publish(claimed);
    await verify(organization, id);
    const read = async () => (await staff.client.get(`${organization.path}/domains/${id}`)).body;
    const events = async () => {
      const { rows } = await app.sql.query<{ type: string }>(
        `select type from organization_events where subject_id = $1 and type like 'domain.proof%' order by seq`,
        [id],
      );
      return rows.map(({ type }) => type);
    };
    await recheck();
    expect(await read()).toMatchObject({ state: 'verified', missingSince: null });
    dns.records.delete(record.name);
    dns.fail(true);
    await recheck();
    dns.fail(false);
    expect(await read()).toMatchObject({ state: 'verified', missingSince: null });
    await runEverywhere(servers(), DomainRecheckJob);
    expect((await read()).missingSince).toBeNull();
    await recheck();
    expect(await read()).toMatchObject({ state: 'verified', missingSince: expect.any(String) });
    expect(await events()).toEqual(['domain.proof_missing']);
    const [mail] = await mailsTo(app, admin.email, 1, /about to lose recheck.example/);
    expect(mail?.text).toContain(record.value);
    await recheck();
    expect(await events()).toEqual(['domain.proof_missing']);
    publish(claimed);
    await recheck();
    expect(await read()).toMatchObject({ state: 'verified', missingSince: null });
    dns.records.delete(record.name);
    await recheck();
    await app.sql.query(`update organization_domains set missing_since = now() - interval '8 days' where id = $1`, [
      id,
    ]);
    await recheck();
    expect(await read()).toMatchObject({ state: 'pending', verifiedAt: null, missingSince: null });
    expect(await events()).toEqual(['domain.proof_missing', 'domain.proof_missing', 'domain.proof_lost']);
    expect((await mailsTo(app, admin.email, 1, /has lost recheck.example/)).length).toBe(1);
    expect((await app.sql.query(`select 1 from verified_domains where domain = 'recheck.example'`)).rows).toEqual([]);
    publish(claimed);
    expect((await verify(organization, id)).body).toMatchObject({ state: 'verified' });
    dns.records.clear();
    await staff.client.delete(`${organization.path}/domains/${id}`);
  });
});

describe('a domain', () => {
  it('can be claimed, verified by a TXT record, and released', async () => {
    const admin = await newPerson(app, 'domain-admin');
    const organization = await newOrganization(staff, 'With a domain', admin);
    const claimed = await claim(organization, 'BÜCHER.example', admin);
    expect(claimed).toMatchObject({
      status: 201,
      body: {
        domain: 'xn--bcher-kva.example',
        state: 'pending',
        record: {
          type: 'TXT',
          name: '_trellis-challenge.xn--bcher-kva.example',
          value: `trellis-domain-verification=${claimed.body.token}`,
        },
        verifiedAt: null,
        lastCheckedAt: null,
      },
    });
    const { id } = claimed.body;
    expect(await verify(organization, id, admin)).toMatchObject({
      status: 422,
      body: { code: 'domains.record_not_found', record: claimed.body.record },
    });
    dns.records.set(claimed.body.record.name, ['trellis-domain-verification=another']);
    expect(outcome(await verify(organization, id, admin))).toEqual([422, 'domains.record_not_found']);
    publish(claimed);
    expect(await verify(organization, id, admin)).toMatchObject({ status: 200, body: { state: 'verified' } });
    dns.records.clear();
    expect(await verify(organization, id, admin)).toMatchObject({ status: 200, body: { state: 'verified' } });
    const list = await admin.client.get(`${organization.path}/domains?state=verified&count=true`);
    expect(list.body).toMatchObject({ items: [{ id }], total: 1 });
    expect((await admin.client.delete(`${organization.path}/domains/${id}`)).status).toBe(204);
    expect(outcome(await admin.client.get(`${organization.path}/domains/${id}`))).toEqual([404, 'domains.not_found']);
    expect((await app.sql.query('select from verified_domains')).rowCount).toBe(0);
  });

  it('can be verified by a record at the domain itself, and by a long one beside others', async () => {
    const organization = await newOrganization(staff, 'At the apex');
    const claimed = await claim(organization, 'apex.example');
    dns.records.set('apex.example', ['x'.repeat(400)]);
    publish(claimed, 'apex.example');
    expect((await verify(organization, claimed.body.id)).body.state).toBe('verified');
  });

  it('reports that the DNS does not answer', async () => {
    const organization = await newOrganization(staff, 'Silent DNS');
    const { body } = await claim(organization, 'silent.example');
    dns.fail(true);
    expect(outcome(await verify(organization, body.id))).toEqual([422, 'domains.dns_failed']);
    dns.fail(false);
    const seen = await staff.client.get(`${organization.path}/domains/${body.id}`);
    expect(seen.body).toMatchObject({ state: 'pending', lastCheckedAt: expect.any(String) });
  });

  it('belongs to one organization when many verify it at once on two servers', async () => {
    const organizations: Organization[] = [];
    const ids: string[] = [];
    for (let one = 0; one < 6; one++) {
      const organization = await newOrganization(staff, `Rival ${one}`);
      const claimed = await claim(organization, 'wanted.example');
      expect(claimed.status).toBe(201);
      publish(claimed);
      organizations.push(organization);
      ids.push(claimed.body.id);
    }
    const other = staff.client.at(`${second.origin}/t/demo/api/v1`);
    const answers = await Promise.all(
      organizations.map((organization, index) =>
        (index % 2 ? other : staff.client).post(`${organization.path}/domains/${ids[index]}/verify`),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409).map(outcome)).toEqual(
      Array.from({ length: 5 }, () => [409, 'domains.taken']),
    );
    const late = await newOrganization(staff, 'Too late');
    expect(outcome(await claim(late, 'WANTED.example'))).toEqual([409, 'domains.taken']);
    // Once released, it is free for others.
    const winner = answers.findIndex(({ status }) => status === 200);
    await staff.client.delete(`${organizations[winner]?.path}/domains/${ids[winner]}`);
    expect((await claim(late, 'wanted.example')).status).toBe(201);
    expect(
      (await verify(organizations[(winner + 1) % 6] as Organization, ids[(winner + 1) % 6] as string)).status,
    ).toBe(200);
  });

  it('is refused if it is a public mail domain, invalid, or claimed already', async () => {
    const organization = await newOrganization(staff, 'Refused');
    for (const domain of ['gmail.com', 'GMX.de', 'outlook.com'])
      expect(outcome(await claim(organization, domain))).toEqual([422, 'domains.public_domain']);
    for (const domain of [
      'localhost',
      'co.uk',
      '10.0.0.1',
      'a..example',
      'x y.example',
      '*.example',
      'ada@acme.example',
    ])
      expect(outcome(await claim(organization, domain))).toEqual([422, 'domains.invalid']);
    expect(outcome(await claim(organization, ''))).toEqual([400, 'validation_failed']);
    expect((await claim(organization, 'twice.example')).status).toBe(201);
    expect(outcome(await claim(organization, 'Twice.example.'))).toEqual([409, 'domains.already_claimed']);
  });

  it('of one operator does not affect another', async () => {
    await staff.client.request('POST', `${app.origin}/api/v1/operators`, {
      body: { slug: 'elsewhere', name: 'Elsewhere', adminEmail: 'boss@elsewhere.example' },
    });
    const elsewhere = staff.client.at(`${app.origin}/t/elsewhere/api/v1`);
    const made = await elsewhere.post('/admin/organizations', { name: 'There' });
    const claimed = await elsewhere.post(`/admin/organizations/${made.body.id}/domains`, { domain: 'apex.example' });
    publish(claimed);
    const verified = await elsewhere.post(`/admin/organizations/${made.body.id}/domains/${claimed.body.id}/verify`);
    expect(verified).toMatchObject({ status: 200, body: { state: 'verified' } });
  });
});
