import { Known } from './values.mjs';

/** Sign in again well before the access token expires after ten minutes. */
const TOKEN_MS = 7 * 60_000;

/** The callers: operator of the account, and roles at the operator and in the organization and unit of the scene. */
const ACTORS = [
  { name: 'platform admin', operator: 'demo' },
  { name: 'operator admin', operator: 'demo', atOperator: 'admin' },
  { name: 'operator manager', operator: 'demo', atOperator: 'manager' },
  { name: 'admin', operator: 'demo', role: 'admin', inUnit: 'admin' },
  { name: 'manager', operator: 'demo', role: 'manager', inUnit: 'manager' },
  { name: 'user', operator: 'demo', role: 'user', inUnit: 'user' },
  { name: 'non-member', operator: 'demo' },
  { name: 'other operator admin', operator: 'other', atOperator: 'admin' },
  // Ends only its own sessions, so that the other actors stay signed in.
  { name: 'victim', operator: 'demo', role: 'user', inUnit: 'user' },
];
/** API keys of the scene's organization, one for all units and one for its unit only, and of the operator. */
const KEYS = [
  { name: 'admin key', operator: 'demo', given: { role: 'admin' } },
  { name: 'unit key', operator: 'demo', given: { role: 'manager' }, forUnit: true },
  { name: 'operator admin key', operator: 'demo', given: { role: 'admin' }, ofOperator: true },
  { name: 'operator manager key', operator: 'demo', given: { role: 'manager' }, ofOperator: true },
];
const ANONYMOUS = { name: 'anonymous', token: null };
const ERASES_ACCOUNT = /\/account$|\/admin\/users\/\{userId\}$/;
const ENDS_SESSIONS = /\/account\/sessions|\/auth\/logout/;

const FOREIGN_KEY_VIOLATION = '23503';

/** Ignores that a request removed what was just restored. The next repair restores it again. */
function ignoreForeignKeyViolation(error) {
  if (error.code !== FOREIGN_KEY_VIOLATION) throw error;
}

const KIND_OF_PLURAL = {
  organizations: 'orgId',
  members: 'userId',
  users: 'userId',
  Users: 'scimUserId',
  Groups: 'scimGroupId',
};

/** Returns the path parameter for ids in the responses of a route: `accessRuleId` for `…/access-rules`. */
function kindOf(route) {
  const plural = route.split('/').findLast((part) => !part.startsWith('{')) ?? '';
  const singular = plural.replace(/s$/, '').replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return KIND_OF_PLURAL[plural] ?? `${singular}Id`;
}

const PRESET = { key: 'small', creditsPerHour: '1' };

const BRANDING_FIELDS = ['primaryColor', 'logoUrl', 'primaryColor,textColor', 'dark.primaryColor,dark.logoUrl'];

/**
 * The users, organizations and units that requests refer to. The platform admin creates them over HTTP, except for the
 * accounts: SQL saves a mail and a password hash for each.
 */
export class Scene {
  /**
   * @param {{ origin: string, admin: {email: string, password: string}, query: (sql: string, parameters?: unknown[]) =>
   *   Promise<{rows: any[]}> }} options `query` runs SQL on the server's database
   */
  constructor({ origin, admin, query }) {
    this.origin = origin;
    this.admin = admin;
    this.query = query;
    this.known = new Known();
    this.actors = ACTORS.map((actor) => ({
      ...actor,
      email: `${actor.name.replaceAll(' ', '-')}@fuzz.example`,
      token: null,
      signedInAt: 0,
    }));
    this.actors[0].email = admin.email;
  }

  async prepare() {
    const [platform] = this.actors;
    await this.signIn(platform);
    const demo = await this.call('GET', '/t/demo/api/v1/admin/operator');
    const other = await this.call('POST', '/api/v1/operators', {
      slug: 'other',
      name: 'Other',
      adminEmail: 'boss@other.example',
    });
    this.operators = { demo: demo.id, other: other.id };
    await this.addAccounts();
    this.organization = await this.call('POST', '/t/demo/api/v1/admin/organizations', {
      name: 'Scene',
      externalId: 'SCENE-1',
    });
    this.sibling = await this.call('POST', '/t/demo/api/v1/admin/organizations', { name: 'Sibling' });
    this.foreign = await this.call('POST', '/t/other/api/v1/admin/organizations', { name: 'Foreign' });
    this.unit = await this.firstUnit('demo', this.organization);
    this.foreignUnit = await this.firstUnit('other', this.foreign);
    this.keys = await this.makeKeys();
    await this.addMoney();
    await this.addDocuments();
    await this.heal();
    this.remember();
  }

  async firstUnit(operator, { id }) {
    const { items } = await this.call('GET', `/t/${operator}/api/v1/admin/organizations/${id}/units`);
    return items[0];
  }

  async makeKeys() {
    const keys = [];
    for (const { name, operator, given, forUnit, ofOperator = false } of KEYS) {
      const owner = ofOperator ? 'operator' : `organizations/${this.organization.id}`;
      const { id, key } = await this.call('POST', `/t/demo/api/v1/admin/${owner}/api-keys`, {
        name,
        ...given,
        ...(forUnit && { unitIds: [this.unit.id] }),
      });
      keys.push({ name, operator, ofOperator, id, token: key });
    }
    return keys;
  }

  /** Creates a plan, credits with a charge and a hold, and a run in a cluster. */
  async addMoney() {
    const admin = '/t/demo/api/v1/admin';
    const { id } = this.organization;
    this.plan = await this.call('POST', `${admin}/plans`, { name: 'Scene', monthlyCredits: '100' });
    await this.call('PUT', `${admin}/organizations/${id}/subscription`, { planId: this.plan.id });
    this.cluster = await this.call('POST', `${admin}/clusters`, { name: 'Scene', presets: [PRESET] });
    await this.call('PUT', `${admin}/clusters/${this.cluster.id}/organizations/${id}`);
    const move = (path, body) =>
      this.call('POST', `/t/demo/api/v1/organizations/${id}/${path}`, body, { 'idempotency-key': path });
    await move('credits/grants', { amount: '1000000', category: 'promo', reason: 'scene' });
    this.charge = await move('credits/charges', { amount: '100' });
    this.hold = await move('credits/holds', { amount: '100', ttlSeconds: 86_400 });
    const run = { clusterId: this.cluster.id, preset: PRESET.key, unitId: this.unit.id };
    this.run = await move('runs', { ...run, heartbeatTimeoutSeconds: 86_400 });
    const artifact = { name: 'Scene', kind: 'model', uri: 's3://scene/model', runId: this.run.id };
    this.artifact = await move(`units/${this.unit.id}/artifacts`, artifact);
  }

  /** Publishes a template and a content item, and creates webhooks at a name that leads nowhere. */
  async addDocuments() {
    const admin = '/t/demo/api/v1/admin';
    this.documents = [];
    for (const kind of ['templates', 'content']) {
      const { id } = await this.call('POST', `${admin}/${kind}`, { title: 'Scene', body: 'Scene {{ORG_NAME}}' });
      await this.call('POST', `${admin}/${kind}/${id}/publish`, { version: 1 });
      this.documents.push(id);
    }
    this.webhooks = [];
    for (const owner of [`organizations/${this.organization.id}`, 'operator']) {
      const hook = { url: 'https://scene.invalid/hook', eventTypes: ['unit.purged'], active: false };
      this.webhooks.push((await this.call('POST', `${admin}/${owner}/webhooks`, hook)).id);
    }
    const { rows } = await this.query(
      `insert into organization_webhook_deliveries (organization_id, id, webhook_id, type, subject_id, state)
       select organization_id, gen_random_uuid(), id, 'webhook.test', '', 'failed' from organization_webhooks where id = $1
       returning id`,
      [this.webhooks[0]],
    );
    this.delivery = rows[0].id;
  }

  /** Creates the accounts. They share the platform admin's password hash. */
  async addAccounts() {
    for (const actor of this.actors.slice(1)) {
      const { rows } = await this.query(
        `insert into users (id, operator_id, email, name, email_verified_at)
         values (gen_random_uuid(), $1, $2, $3, now()) returning id`,
        [this.operators[actor.operator], actor.email, actor.name],
      );
      actor.id = rows[0].id;
      await this.query(
        `insert into passwords (user_id, hash, changed_at) select $1, hash, now() from passwords p
         join users u on u.id = p.user_id where u.platform_admin limit 1`,
        [actor.id],
      );
    }
    const { rows } = await this.query('select id from users where platform_admin');
    this.actors[0].id = rows[0].id;
  }

  remember() {
    const { known } = this;
    for (const slug of ['demo', 'other']) known.add('operatorSlug', slug);
    known.add('operatorId', this.operators.demo);
    known.add('operatorId', this.operators.other);
    for (const { id, slug } of [this.organization, this.sibling, this.foreign]) {
      known.add('orgId', id);
      known.add('slug', slug);
    }
    known.add('unitId', this.unit.id);
    known.add('planId', this.plan.id);
    known.add('clusterId', this.cluster.id);
    known.add('presetKey', PRESET.key);
    known.add('chargeId', this.charge.id);
    known.add('holdId', this.hold.id);
    known.add('runId', this.run.id);
    known.add('artifactId', this.artifact.id);
    for (const id of this.documents) known.add('documentId', id);
    for (const id of this.webhooks) known.add('webhookId', id);
    known.add('deliveryId', this.delivery);
    known.add('version', '1');
    for (const { id, email } of this.actors.toReversed()) {
      known.add('userId', id);
      known.add('email', email);
    }
    for (const name of ['Scene', 'Default']) known.add('name', name);
    for (const password of [this.admin.password, 'not the password at all']) known.add('password', password);
    for (const fields of BRANDING_FIELDS) known.add('brandingFields', fields);
  }

  /**
   * Restores the scene: roles, states and sessions that requests removed, and attempt counters. Requests may run at the
   * same time.
   */
  async heal() {
    const organizations = [this.organization.id, this.sibling.id, this.foreign.id];
    await this.query('delete from attempts');
    await this.query('update users set blocked_at = null where id = any ($1)', [this.actors.map(({ id }) => id)]);
    await this.query(
      'update organizations set suspended_at = null, deleted_at = null, deleted_by = null where id = any ($1)',
      [organizations],
    );
    await this.query(
      'update units set suspended_at = null, deleted_at = null, deleted_by = null where organization_id = any ($1) and id = $2',
      [organizations, this.unit.id],
    );
    await this.query('update plans set archived_at = null where id = $1', [this.plan.id]);
    await this.query('update clusters set archived_at = null, presets = $2 where id = $1', [
      this.cluster.id,
      JSON.stringify(this.cluster.presets.map((preset) => ({ ...preset, creditsPerHour: '1000000' }))),
    ]);
    await this.query('update cluster_organizations set removed_at = null where cluster_id = $1', [this.cluster.id]);
    await this.query('update users set blocked_at = null where erased_at is null');
    const keyIds = this.keys.map(({ id }) => id);
    for (const table of ['organization_api_keys', 'operator_api_keys'])
      await this.query(`update ${table} set revoked_at = null where id = any ($1)`, [keyIds]);
    for (const actor of this.actors) await this.healRoles(actor).catch(ignoreForeignKeyViolation);
    for (const actor of this.actors) {
      const { status } = await this.fetch('GET', `/t/${actor.operator}/api/v1/account`, undefined, actor.token);
      if (status === 401 || Date.now() - actor.signedInAt > TOKEN_MS) await this.signIn(actor);
    }
  }

  async healRoles({ id, operator, atOperator, role, inUnit }) {
    const upsert = (table, columns, values, wanted) =>
      this.query(
        `insert into ${table} (${columns.join(', ')}, role) values (${columns.map((_, index) => `$${index + 1}`).join(', ')}, '${wanted}')
         on conflict (${columns.join(', ')}) do update set role = excluded.role where ${table}.role <> excluded.role`,
        values,
      );
    if (atOperator)
      await upsert('operator_members', ['operator_id', 'user_id'], [this.operators[operator], id], atOperator);
    if (role) await upsert('organization_members', ['organization_id', 'user_id'], [this.organization.id, id], role);
    if (inUnit) {
      await upsert(
        'unit_members',
        ['organization_id', 'unit_id', 'user_id'],
        [this.organization.id, this.unit.id, id],
        inUnit,
      );
    }
  }

  /** Returns the organization and unit an actor mostly uses: the ones where it has a role. */
  placeFor(actor, random) {
    const foreign = actor.operator === 'other' || (actor.name === 'platform admin' && random.chance(0.3));
    const operator = foreign ? 'other' : 'demo';
    const [organization, unit] = foreign ? [this.foreign, this.foreignUnit] : [this.organization, this.unit];
    return { operator, operatorId: this.operators[operator], orgId: organization.id, unitId: unit.id };
  }

  actorFor(operation, random) {
    if (random.chance(0.08)) return ANONYMOUS;
    // No later request could repair what this one removes.
    if (ERASES_ACCOUNT.test(operation.path) && operation.method === 'DELETE') return ANONYMOUS;
    if (ENDS_SESSIONS.test(operation.path) && operation.method !== 'GET') return this.actors.at(-1);
    if (operation.path.includes('{orgId}') && random.chance(0.15)) return random.pick(this.keys);
    if (operation.path.includes('/admin/') && random.chance(0.15))
      return random.pick(this.keys.filter(({ ofOperator }) => ofOperator));
    return random.pick(this.actors);
  }

  async signIn(actor) {
    const { status, body } = await this.fetch('POST', `/t/${actor.operator}/api/v1/auth/login`, {
      email: actor.email,
      password: this.admin.password,
      ...(actor.role && { organizationId: this.organization.id }),
    });
    // Another request may have changed the organization. The old token is kept until the next repair.
    if (status !== 200) return;
    actor.token = body.accessToken;
    actor.signedInAt = Date.now();
  }

  /** Keeps values of a response for later requests. */
  learn({ route }, { headers, body }) {
    this.known.add('etag', headers.etag);
    if (!/json/.test(headers['content-type'] ?? '') || body.length > 200_000) return;
    let value;
    try {
      value = JSON.parse(body.toString('utf8'));
    } catch {
      return;
    }
    this.learnFrom(value, kindOf(route), 0);
  }

  learnFrom(value, kind, depth) {
    if (typeof value !== 'object' || value === null || depth > 4) return;
    const { known } = this;
    known.add(kind, value.id);
    known.add('cursor', value.nextCursor);
    for (const [name, inner] of Object.entries(value)) if (name !== 'id' && inner?.length < 300) known.add(name, inner);
    if (typeof value.logoUrl === 'string') known.add('logoId', value.logoUrl.split('/').at(-1));
    for (const inner of Object.values(value)) if (typeof inner === 'object') this.learnFrom(inner, kind, depth + 1);
  }

  async call(method, path, body, headers) {
    const answer = await this.fetch(method, path, body, this.actors[0].token, headers);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} returned ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async fetch(method, path, body, token, headers) {
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        ...headers,
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  }
}
