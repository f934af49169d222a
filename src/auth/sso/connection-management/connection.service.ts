import { Injectable } from '@nestjs/common';
import { LimitSettings } from '../../../limits/index.js';
import { assertMayGrant, callerIdOf, type OrganizationAccess } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { changesOf, Database, type Reader, type Tx } from '../../../database/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { assertMatches, etagOf } from '../../../http/index.js';
import { newId } from '../../../common/ids/index.js';
import { Outgoing } from '../../../common/outgoing/index.js';
import type { Page } from '../../../common/pagination/index.js';
import { EventService } from '../../../events/index.js';
import { RoleResolver, OrganizationService, UnitReferenceService } from '../../../organizations/index.js';
import { SessionService } from '../../identity/index.js';
import { SsoIntentService } from '../intents/sso-intent.service.js';
import type { IntentView } from '../intents/sso-intent.dto.js';
import { OidcProvider } from '../oidc/oidc-provider.js';
import { samlSettings, withKey } from '../saml/saml-settings.js';
import { ssoErrors } from '../sso.errors.js';
import type {
  AttributeMapping,
  ConnectionQuery,
  ConnectionView,
  CreateConnection,
  PatchConnection,
} from '../connections/connection.dto.js';
import type { ConnectionType, MappedRole, OidcSettings, SamlSettings } from '../connections/connection.entity.js';
import { ConnectionSecretService } from './connection-secret.service.js';
import { assertNoOidc, mappingOf, oidcSettings } from './connection.settings.js';
import {
  type ConnectionContent,
  type ConnectionRow,
  ConnectionStore,
  issuerOf,
} from '../connections/connection.store.js';
import { IdentityStore } from '../identities/identity.store.js';
import { toConnectionView } from '../connections/connection.view.js';

/** Manages the identity providers of organizations. */
@Injectable()
export class ConnectionService {
  constructor(
    private readonly db: Database,
    private readonly store: ConnectionStore,
    private readonly identities: IdentityStore,
    private readonly organizations: OrganizationService,
    private readonly roles: RoleResolver,
    private readonly units: UnitReferenceService,
    private readonly sessions: SessionService,
    private readonly events: EventService,
    private readonly outgoing: Outgoing,
    private readonly secrets: ConnectionSecretService,
    private readonly config: Config,
    private readonly oidc: OidcProvider,
    private readonly intents: SsoIntentService,
    private readonly limits: LimitSettings,
  ) {}

  async list(access: OrganizationAccess, query: ConnectionQuery): Promise<Page<ConnectionView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, query);
    return { ...page, items: page.items.map((row) => this.viewOf(access, row)) };
  }

  async view(access: OrganizationAccess, id: string): Promise<ConnectionView> {
    const { reader } = this.db;
    const view = this.viewOf(access, await this.get(reader, access, id));
    return { ...view, lastTest: await this.store.findLastTest(reader, access.organizationId, id) };
  }

  /** Only admins can create a connection, because the provider decides who signs in to which account. */
  async create(access: OrganizationAccess, input: CreateConnection): Promise<ConnectionView> {
    const { organizationId, actor } = access;
    const wanted = this.settingsOf(input.type, input, null);
    const newKey = await this.secrets.newKeyFor(organizationId, input, null);
    const settings = withKey(wanted, newKey);
    return this.db.transaction(async (tx) => {
      await this.enter(tx, access);
      const { total, last } = await this.store.count(tx, organizationId);
      if (total >= this.limits.count('connections')) throw ssoErrors.limit_reached();
      const id = newId();
      const {
        type,
        name,
        enabled = true,
        position = last + 1,
        requireVerifiedEmail = true,
        attributeMapping = {},
      } = input;
      const mapping = await this.mappingOf(tx, access, type, attributeMapping);
      const content = { name, enabled, position, requireVerifiedEmail, settings, mapping };
      const secret = this.secrets.sealed({ organizationId, id, type, settings }, input, newKey) ?? null;
      await this.store.insert(tx, { organizationId, id, type, secret, createdBy: actor.userId, ...content });
      const row = await this.get(tx, access, id);
      await this.events.recordBy(tx, access, 'sso_connection.created', id, { after: seen(row) });
      return this.viewOf(access, row);
    });
  }

  /** Disabling a connection ends the sessions that were opened through it. */
  async patch(
    access: OrganizationAccess,
    id: string,
    input: PatchConnection,
    ifMatch: string | undefined,
  ): Promise<ConnectionView> {
    const { organizationId } = access;
    const before = input.acceptsEncryptedAssertions ? await this.get(this.db.reader, access, id) : null;
    const newKey = await this.secrets.newKeyFor(organizationId, input, before);
    return this.db.transaction(async (tx) => {
      await this.enter(tx, access);
      const row = await this.get(tx, access, id);
      assertMatches(ifMatch, etagOf(row.version));
      const wanted: ConnectionContent = {
        name: input.name ?? row.name,
        enabled: input.enabled ?? row.enabled,
        position: input.position ?? row.position,
        requireVerifiedEmail: input.requireVerifiedEmail ?? row.requireVerifiedEmail,
        settings: withKey(this.settingsOf(row.type, input, row), newKey),
        mapping: input.attributeMapping
          ? await this.mappingOf(tx, access, row.type, input.attributeMapping)
          : row.mapping,
      };
      const secret = this.secrets.sealed({ ...row, settings: wanted.settings }, input, newKey);
      await this.store.update(tx, organizationId, id, wanted, secret);
      const changed = await this.get(tx, access, id);
      const replaced = issuerOf(row) !== issuerOf(changed);
      const identitiesRemoved = await this.removeIdentities(tx, access, row, changed, input.relinkUsers);
      const changes = changesOf(flat(seen(row)), flat(seen(changed)));
      if (changes || input.clientSecret !== undefined || identitiesRemoved !== undefined)
        await this.events.recordBy(tx, access, 'sso_connection.updated', id, {
          before: seen(row),
          after: {
            ...seen(changed),
            ...(input.clientSecret !== undefined && { clientSecretChanged: true }),
            ...(identitiesRemoved !== undefined && { identitiesRemoved }),
          },
        });
      if (replaced || (row.enabled && !changed.enabled)) await this.endSessions(tx, access, id);
      return this.viewOf(access, changed);
    });
  }

  /** Removes the links to accounts that a change makes wrong. Returns how many, undefined if it makes none wrong. */
  private async removeIdentities(
    tx: Tx,
    { organizationId }: OrganizationAccess,
    before: ConnectionRow,
    after: ConnectionRow,
    relinkUsers = false,
  ): Promise<number | undefined> {
    // Another provider's names for users mean other people.
    if (issuerOf(before) !== issuerOf(after)) return this.identities.removeOfConnection(tx, organizationId, after.id);
    // Some providers name users differently for each client.
    const clientIdOf = ({ settings }: ConnectionRow) => (settings as Partial<OidcSettings>).clientId;
    if (!relinkUsers && clientIdOf(before) === clientIdOf(after)) return undefined;
    return this.identities.removeOfConnection(tx, organizationId, after.id, 'domain');
  }

  /** Returns where the browser starts the test. Checks first that the provider can be reached. */
  async test({ actor, operator, organizationId }: OrganizationAccess, id: string): Promise<IntentView> {
    const connection = await this.store.findUsable(this.db.reader, operator.id, id);
    if (connection?.organizationId !== organizationId) throw ssoErrors.connection_not_found();
    if (connection.type === 'oidc') await this.oidc.check(connection);
    const intent = { kind: 'test', callerId: callerIdOf(actor) } as const;
    return this.db.transaction((tx) => this.intents.issue(tx, operator, id, intent), { keepsAccess: true });
  }

  /** Removes the connection with its links to accounts, and ends the sessions that were opened through it. */
  delete(access: OrganizationAccess, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.enter(tx, access);
      const row = await this.get(tx, access, id);
      await this.endSessions(tx, access, id);
      await this.store.remove(tx, access.organizationId, id);
      await this.events.recordBy(tx, access, 'sso_connection.deleted', id, { before: seen(row) });
    });
  }

  /** Counts the identity providers that an organization is linked to. */
  async countOf(organizationId: string): Promise<number> {
    return (await this.store.count(this.db.reader, organizationId)).total;
  }

  viewOf({ operator }: Pick<OrganizationAccess, 'operator'>, row: ConnectionRow): ConnectionView {
    return toConnectionView(row, this.config.baseUrl, operator.slug);
  }

  async get(reader: Reader, { organizationId }: OrganizationAccess, id: string): Promise<ConnectionRow> {
    const row = await this.store.find(reader, organizationId, id);
    if (!row) throw ssoErrors.connection_not_found();
    return row;
  }

  private settingsOf(
    type: ConnectionType,
    given: CreateConnection | PatchConnection,
    row: ConnectionRow | null,
  ): object {
    if (type === 'oidc')
      return oidcSettings(given, row ? (row.settings as OidcSettings) : null, row?.hasSecret ?? false, this.outgoing);
    assertNoOidc(given);
    return samlSettings(given, row ? (row.settings as SamlSettings) : null, this.outgoing);
  }

  private async mappingOf(tx: Tx, access: OrganizationAccess, type: ConnectionType, given: AttributeMapping) {
    const { organizationId, actor } = access;
    const holder = await this.roles.holder(tx, organizationId, callerIdOf(actor));
    const mapped: MappedRole[] = [];
    for (const { value, role = 'user', roleIds = [], unitIds = [] } of given.roles ?? []) {
      await this.units.assertKnown(tx, organizationId, unitIds);
      mapped.push({ value, role, unitIds, roleIds: await this.roles.idsOf(tx, organizationId, roleIds) });
    }
    await this.roles.assertMayGrant(tx, organizationId, holder, ...mapped);
    return mappingOf(type, given, mapped);
  }

  /** Locks the organization and reads the caller's role again under the lock. */
  private async enter(tx: Tx, { organizationId, actor }: OrganizationAccess): Promise<void> {
    await this.organizations.lockActive(tx, organizationId);
    const holder = await this.roles.holder(tx, organizationId, callerIdOf(actor));
    if (!holder.permissions.has('sso:edit')) throw commonErrors.conflict();
    assertMayGrant(holder.role, 'admin');
  }

  private endSessions(tx: Tx, access: OrganizationAccess, connectionId: string): Promise<void> {
    const { actor, operator, organizationId } = access;
    const by = { organizationId, connectionId };
    return this.sessions.endOfConnection(tx, actor, operator.id, by, 'sso_connection_removed');
  }
}

/** Returns the fields for events, which never include a secret. */
const seen = ({ type, name, enabled, position, requireVerifiedEmail, settings, mapping }: ConnectionRow) => ({
  type,
  name,
  enabled,
  position,
  requireVerifiedEmail,
  ...settings,
  attributeMapping: mapping,
});

/** Flattens the fields for comparison. */
const flat = (content: object): Record<string, string> =>
  Object.fromEntries(Object.entries(content).map(([field, value]) => [field, JSON.stringify(value)]));
