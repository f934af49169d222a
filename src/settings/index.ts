export * from './branding/index.js';
export type { Place } from './setting.kind.js';
