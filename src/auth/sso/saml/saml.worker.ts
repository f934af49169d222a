import { AppError } from '../../../common/errors/index.js';
import { readSamlLogout, type SamlLogoutMessage, type SamlLogoutRequest } from './saml-logout.js';
import { refusalOf, type SamlRefusal } from './saml-refusal.js';
import { type ReadAssertion, readSamlResponse, type SamlResponse } from './saml-response.js';

export type WorkerResult = { assertion: ReadAssertion } | { logout: SamlLogoutRequest } | { refusal: SamlRefusal };

export type WorkerTask = SamlResponse | SamlLogoutMessage;

export default async function run(task: WorkerTask): Promise<WorkerResult> {
  try {
    return 'response' in task ? { assertion: await readSamlResponse(task) } : { logout: await readSamlLogout(task) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { refusal: refusalOf(error) };
  }
}
