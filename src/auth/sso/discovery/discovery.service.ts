import { Injectable } from '@nestjs/common';
import { Config } from '../../../common/config/index.js';
import { Database } from '../../../database/index.js';
import { isId } from '../../../common/ids/index.js';
import { OperatorService } from '../../../operators/index.js';
import { DomainService, OrganizationService } from '../../../organizations/index.js';
import { AUTH_SETTINGS, BrandingService, SettingService } from '../../../settings/index.js';
import { operatorOf } from '../../access/index.js';
import { ConnectionStore } from '../connections/connection.store.js';
import { startUrlOf } from '../connections/connection.view.js';
import type { DiscoveryQuery, DiscoveryView } from './discovery.dto.js';

interface Found {
  id: string;
  slug: string;
  name: string;
}

/**
 * Lists the sign-in methods before a user has proved their identity. The response is the same for every address of a
 * domain.
 */
@Injectable()
export class DiscoveryService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly organizations: OrganizationService,
    private readonly domains: DomainService,
    private readonly connections: ConnectionStore,
    private readonly settings: SettingService,
    private readonly branding: BrandingService,
    private readonly config: Config,
  ) {}

  /** Answers for unknown names as if none had been given. */
  async discover(operatorSlug: string, query: DiscoveryQuery): Promise<DiscoveryView> {
    const { id: operatorId } = await operatorOf(this.operators, operatorSlug);
    const organization = await this.find(operatorId, query);
    const place = { operatorId, organizationId: organization?.id };
    const { values } = await this.settings.read(AUTH_SETTINGS, place);
    const connected = organization ? await this.connections.listEnabled(this.db.reader, organization.id) : [];
    const connections = connected
      .filter(({ type }) => values.allowedMethods.includes(type))
      .map(({ id, name, type }) => ({
        id,
        name,
        type,
        startUrl: startUrlOf(this.config.baseUrl, operatorSlug, id),
      }));
    const leads = (method: string) =>
      (method !== 'oidc' && method !== 'saml') || connections.some(({ type }) => type === method);
    return {
      methods: values.allowedMethods.filter(leads),
      connections,
      organization: organization && { id: organization.id, slug: organization.slug, name: organization.name },
      branding: await this.branding.effective(operatorId, organization?.id),
    };
  }

  private async find(operatorId: string, { email, organization }: DiscoveryQuery): Promise<Found | null> {
    if (organization !== undefined) {
      if (!isId(organization)) return this.organizations.findActiveBySlug(operatorId, organization);
      return this.organizations.findActive(operatorId, organization);
    }
    const id = email && (await this.domains.organizationOf(this.db.reader, operatorId, email));
    return id ? this.organizations.findActive(operatorId, id) : null;
  }
}
