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

/** The sender of a message that is not XML learns the same, because it is not parsed to find out. */
export const notWithinLimits = (): AppError =>
  ssoErrors.response_invalid({
    detail: 'The response of the identity provider is not valid, or has more than 1,000 values of attributes.',
  });

export function errorOf({ code, ...options }: SamlRefusal): AppError {
  const name = code.replace(/^sso\./, '') as keyof typeof ssoErrors;
  return ssoErrors[name](options);
}
