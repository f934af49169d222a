import { DOMParser } from '@xmldom/xmldom';
import type { AppError } from '../../../common/errors/index.js';
import type { RequiredSignature } from '../connections/connection.entity.js';
import { ssoErrors } from '../sso.errors.js';

const childrenOf = (element: Element | null | undefined, name: string): Element[] =>
  Array.from(element?.childNodes ?? []).filter((node): node is Element => (node as Element).localName === name);

const isSigned = (element: Element | null | undefined): boolean => childrenOf(element, 'Signature').length > 0;

/** Returns the refusal of a response (base64) that lacks a signature, or null if all required ones are there but wrong. */
export function missingSignature(response: string, required: RequiredSignature): AppError | null {
  const xml = Buffer.from(response, 'base64').toString('utf8');
  const root = new DOMParser({ errorHandler: () => undefined }).parseFromString(xml, 'text/xml').documentElement;
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
