import { type DocumentContent, documentPdf } from './document.js';

export default function run(content: DocumentContent): Promise<Uint8Array> {
  return documentPdf(content);
}
