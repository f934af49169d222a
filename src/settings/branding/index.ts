export { BrandingValues } from './branding.dto.js';
export { BrandingModule } from './branding.module.js';
export { Branding } from './branding.service.js';
