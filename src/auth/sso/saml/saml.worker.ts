import { AppError } from '../../../common/errors/index.js';
import { type ReadAssertion, readSamlResponse, type SamlResponse } from './saml-response.js';

/** An error loses its class on the way between threads. */
export type WorkerResult =
  | { assertion: ReadAssertion }
  | { refusal: { code: string; detail: string; data: Record<string, unknown> | undefined } };

export default async function run(response: SamlResponse): Promise<WorkerResult> {
  try {
    return { assertion: await readSamlResponse(response) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { refusal: { code: error.code, detail: error.detail, data: error.options.data } };
  }
}
