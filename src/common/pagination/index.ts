export * from './page.dto.js';
export * from './pager.js';
export * from './pagination.module.js';
