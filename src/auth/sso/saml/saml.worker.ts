import { AppError } from '../../../common/errors/index.js';
import { readSamlLogout, type SamlLogoutMessage, type SamlLogoutRequest } from './saml-logout.js';
import { type ReadAssertion, readSamlResponse, type SamlResponse } from './saml-response.js';

/** An error loses its class on the way between threads. */
export type WorkerResult =
  | { assertion: ReadAssertion }
  | { logout: SamlLogoutRequest }
  | { refusal: { code: string; detail: string; data: Record<string, unknown> | undefined } };

export type WorkerTask = SamlResponse | SamlLogoutMessage;

export default async function run(task: WorkerTask): Promise<WorkerResult> {
  try {
    return 'response' in task ? { assertion: await readSamlResponse(task) } : { logout: await readSamlLogout(task) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { refusal: { code: error.code, detail: error.detail, data: error.options.data } };
  }
}
