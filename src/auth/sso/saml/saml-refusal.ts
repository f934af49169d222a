import { AppError } from '../../../common/errors/index.js';
import { ssoErrors } from '../sso.errors.js';

/** A refusal of single sign-on as plain data: errors lose their class between threads, and while they are stored. */
export interface SamlRefusal {
  code: string;
  detail: string;
  data?: Record<string, unknown>;
}

export const refusalOf = ({ code, detail, options: { data } }: AppError): SamlRefusal => ({
  code,
  detail,
  ...(data && { data }),
});

export function errorOf({ code, ...options }: SamlRefusal): AppError {
  const name = code.replace(/^sso\./, '') as keyof typeof ssoErrors;
  return ssoErrors[name](options);
}
