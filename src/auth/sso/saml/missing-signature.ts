import type { AppError } from '../../../common/errors/index.js';
import type { RequiredSignature } from '../connections/connection.entity.js';
import { ssoErrors } from '../sso.errors.js';
import { childrenOf } from './xml-children.js';

const isSigned = (element: Element | null | undefined): boolean => childrenOf(element, 'Signature').length > 0;

/** Returns the refusal of a response that lacks a signature, or null if all required ones are there but wrong. */
export function missingSignature(document: Document, required: RequiredSignature): AppError | null {
  const root = document.documentElement;
  const missing = [
    ...(isSigned(root) ? [] : ['response']),
    ...(childrenOf(root, 'Assertion').every(isSigned) ? [] : ['assertion']),
  ];
  if (missing.length === 2)
    return refusal('The identity provider signed neither the response nor the assertion.', missing);
  const wanted = missing.find((part) => required === 'both' || required === part);
  return wanted === undefined
    ? null
    : refusal(`The identity provider did not sign the ${wanted}, which this connection requires.`, [wanted]);
}

const refusal = (detail: string, missing: string[]): AppError =>
  ssoErrors.signature_invalid({ detail, data: { missing } });
