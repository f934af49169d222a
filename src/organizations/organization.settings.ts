import type { OrganizationAccess } from '../common/access/index.js';
import { brandingController, type LevelLock } from '../settings/index.js';
import { OrganizationService } from './organization.service.js';

export const organizationLock: LevelLock<OrganizationAccess, OrganizationService> = {
  service: OrganizationService,
  lock: (organizations, tx, { organizationId }) => organizations.lockActive(tx, organizationId),
};

export const OrganizationBrandingController = brandingController('organization', organizationLock);
