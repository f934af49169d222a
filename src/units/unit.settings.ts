import type { UnitAccess } from '../common/access/index.js';
import { brandingController, type LevelLock } from '../settings/index.js';
import { UnitService } from './unit.service.js';

const unitLock: LevelLock<UnitAccess, UnitService> = {
  service: UnitService,
  lock: (units, tx, { organizationId, unitId }) => units.lockActive(tx, organizationId, unitId),
};

export const UnitBrandingController = brandingController('unit', unitLock);
