export { renderDocument } from './document.js';
