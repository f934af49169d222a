export type { Plan } from './plan.entity.js';
export { planErrors } from './plan.errors.js';
export { PlanModule } from './plan.module.js';
export { PlanService } from './plan.service.js';
