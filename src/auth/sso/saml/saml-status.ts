import { isPrintable } from '../../../common/validation/index.js';
import { ssoErrors } from '../sso.errors.js';
import { childrenOf } from './xml-children.js';

const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const MAX_CODE = 100;

/**
 * Throws `sso.provider_refused` if the provider says that it did not sign the user in, whatever else the response has. The
 * library looks at the status only where there is no assertion.
 */
export function assertSuccess(response: Document): void {
  const [code] = childrenOf(childrenOf(response.documentElement, 'Status')[0], 'StatusCode');
  const value = code?.getAttribute('Value');
  if (!value || value === SUCCESS) return;
  // The inner code says more, for example `AuthnFailed`.
  const inner = childrenOf(code, 'StatusCode')[0]?.getAttribute('Value');
  const providerError = (inner || value).split(':').at(-1) ?? '';
  const isShown = providerError.length <= MAX_CODE && isPrintable(providerError);
  throw ssoErrors.provider_refused({ data: isShown ? { providerError } : {} });
}
