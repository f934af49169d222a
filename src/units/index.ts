export { UnitMemberService } from './members/unit-member.service.js';
export { unitErrors } from './unit.errors.js';
export { UnitModule } from './unit.module.js';
export { UnitService } from './unit.service.js';
