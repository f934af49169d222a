import type { UnitAccess } from '../common/access/index.js';
import { brandingController, type LevelLock } from '../settings/index.js';
import { Units } from './unit.service.js';

const unitLock: LevelLock<UnitAccess, Units> = {
  service: Units,
  lock: (units, tx, { organizationId, unitId }) => units.lockActive(tx, organizationId, unitId),
};

export const UnitBrandingController = brandingController('unit', unitLock);
