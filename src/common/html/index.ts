export { type HtmlDocument, renderDocument, type RenderedDocument } from './document.js';
