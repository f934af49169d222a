import { parentPort } from 'node:worker_threads';
import { sanitizeSvg } from './logo-svg.js';

/** A message from `SvgThread`. */
export interface SvgTask {
  id: number;
  bytes: Uint8Array;
}
export interface SvgResult {
  id: number;
  safe: string | null;
}

parentPort?.on('message', ({ id, bytes }: SvgTask) => {
  void sanitizeSvg(Buffer.from(bytes)).then((safe) => parentPort?.postMessage({ id, safe } satisfies SvgResult));
});
