import type { Answer, Client } from '../support/client.js';
import { newPerson, type Person } from '../support/people.js';
import type { TestApp } from '../support/test-app.js';
import { newOrganization, type Organization, proveDomain } from '../support/tree.js';

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0';

/** An identity provider, or what pretends to be one, with a key of an organization whose domain is verified. */
export class Directory {
  constructor(
    readonly organization: Organization,
    readonly admin: Person,
    readonly domain: string,
    readonly key: string,
    private readonly client: Client,
  ) {}

  get base(): string {
    return this.client.base;
  }

  /** The same directory, speaking to another server. */
  at(origin: string): Directory {
    const { organization, admin, domain, key } = this;
    return new Directory(organization, admin, domain, key, this.client.at(origin + new URL(this.base).pathname));
  }

  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const type = body !== undefined && { 'content-type': 'application/scim+json' };
    return this.client.request(method, path, { body, headers: { ...type, ...headers } });
  }

  get = (path: string) => this.send('GET', path);
  post = (path: string, body: unknown) => this.send('POST', path, body);
  put = (path: string, body: unknown) => this.send('PUT', path, body);
  patch = (path: string, ...Operations: object[]) =>
    this.send('PATCH', path, { schemas: [`${MESSAGES}:PatchOp`], Operations });
  delete = (path: string) => this.send('DELETE', path);

  /** Builds a user as a provider sends it. */
  person(name: string, more: object = {}): Record<string, any> {
    return { schemas: [USER], userName: `${name}@${this.domain}`, active: true, ...more };
  }

  /** Creates a user and returns the resource. */
  async user(name: string, more: object = {}): Promise<any> {
    return this.made('/Users', this.person(name, more));
  }

  async group(displayName: string, members: string[] = []): Promise<any> {
    const group = { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) };
    return this.made('/Groups', group);
  }

  private async made(path: string, resource: object): Promise<any> {
    const { status, body } = await this.post(path, resource);
    if (status !== 201) throw new Error(`POST ${path} gave ${status} ${JSON.stringify(body)}`);
    return body;
  }
}

let directories = 0;

export async function newDirectory(app: TestApp, staff: Person, name: string): Promise<Directory> {
  const n = ++directories;
  const admin = await newPerson(app, `${name}-admin-${n}`);
  const organization = await newOrganization(staff, `${name} ${n}`, admin);
  const domain = `${name}-${n}.example`;
  await proveDomain(app, organization, domain);
  const made = await admin.client.post(`${organization.path}/scim-keys`, { name: 'Directory' });
  if (made.status !== 201) throw new Error(`making a key gave ${made.status} ${made.body.code}`);
  const base = `${app.origin}/t/demo/api/v1/organizations/${organization.id}/scim/v2`;
  return new Directory(organization, admin, domain, made.body.key, app.client().at(base).as(made.body.key));
}
