export { brandingController } from './branding.controller.js';
export { BrandingValues } from './branding.dto.js';
export { BrandingModule } from './branding.module.js';
export { BrandingService } from './branding.service.js';
export { type Palette, PLAIN_THEME, type Theme, themeOf } from './palette.js';
