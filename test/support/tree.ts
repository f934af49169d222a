import type { Person } from './people.js';
import { newPerson } from './people.js';
import type { TestApp } from './test-app.js';

export interface Organization {
  id: string;
  name: string;
  slug: string;
  defaultUnitId: string;
  /** `/admin/organizations/{id}` */
  path: string;
}

/** Creates an organization as staff, with an admin if given. */
export async function newOrganization(staff: Person, name: string, admin?: Person): Promise<Organization> {
  const { status, body } = await staff.client.post('/admin/organizations', { name, adminEmail: admin?.email });
  if (status !== 201) throw new Error(`creating ${name} gave ${status} ${body.code}`);
  const path = `/admin/organizations/${body.id}`;
  const units = await staff.client.get(`${path}/units`);
  return { id: body.id, name, slug: body.slug, defaultUnitId: units.body.items[0].id, path };
}

/** Creates a user who is a member of an organization. */
export async function newMember(
  app: TestApp,
  staff: Person,
  organization: Organization,
  role: string,
  name: string,
  create = newPerson,
): Promise<Person> {
  const person = await create(app, name);
  const { status, body } = await staff.client.post(`${organization.path}/members`, { userId: person.id, role });
  if (status !== 201) throw new Error(`adding ${name} gave ${status} ${body.code}`);
  return person;
}

/** Gives an organization a verified mail domain without a DNS server. Another organization that had it loses it. */
export async function proveDomain(app: TestApp, organization: Organization, domain: string): Promise<void> {
  await app.sql.query(
    `insert into verified_domains (operator_id, domain, organization_id) select operator_id, $2, id from organizations
     where id = $1 on conflict (operator_id, domain) do update set organization_id = excluded.organization_id`,
    [organization.id, domain],
  );
}

/** Creates an organization as a user without any permissions. */
export async function newOwnOrganization(owner: Person, name: string): Promise<Organization> {
  const { status, body } = await owner.client.post('/admin/organizations', { name });
  if (status !== 201) throw new Error(`creating ${name} gave ${status} ${body.code}`);
  const path = `/admin/organizations/${body.id}`;
  const units = await owner.client.get(`${path}/units`);
  return { id: body.id, name, slug: body.slug, defaultUnitId: units.body.items[0].id, path };
}
