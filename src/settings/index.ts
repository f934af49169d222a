export type { NamedPlace, Place, SettingChange, SettingKind, SettingLevel, SettingState } from './setting.kind.js';
export { SettingModule } from './setting.module.js';
export { Settings } from './setting.service.js';
export * from './branding/index.js';
