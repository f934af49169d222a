export * from './auth-settings/index.js';
export * from './branding/index.js';
export { BySourceField, SettingSourceView } from './setting.dto.js';
export type { Place } from './setting.kind.js';
export { type LevelLock, operatorLock } from './setting.level.js';
export { SettingModule } from './setting.module.js';
export { SettingService } from './setting.service.js';
