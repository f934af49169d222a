export { DocumentRenderer } from './document-renderer.service.js';
export type { DocumentContent, DocumentParty } from './document.js';
export { DocumentModule } from './document.module.js';
