import { sanitizeSvg } from './logo-svg.js';

export default function run(bytes: Uint8Array): Promise<string | null> {
  return sanitizeSvg(Buffer.from(bytes));
}
