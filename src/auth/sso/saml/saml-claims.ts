import { claimNamed, type Claims } from '../claims.js';
import { first, type Node } from './xml-node.js';

/** Names under which providers send the address and the name, for `claimNamed`. The first that is there counts. */
const EMAIL = [
  'email',
  'mail',
  'emailaddress',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'urn:oid:0.9.2342.19200300.100.1.3',
];
const NAME = [
  'name',
  'displayname',
  'http://schemas.microsoft.com/identity/claims/displayname',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
  'urn:oid:2.16.840.1.113730.3.1.241',
];

const nodesOf = (node: Node | undefined, child: string): (Node | string)[] =>
  (node?.[child] as (Node | string)[] | undefined) ?? [];

/** Returns the text of a value, also of one that wraps a NameID as `eduPersonTargetedID` does. */
function textOf(value: Node | string | undefined): string | undefined {
  if (typeof value !== 'object') return value;
  return typeof value._ === 'string' ? value._ : textOf(nodesOf(value, 'NameID')[0]);
}

/**
 * Returns the attributes of an assertion: a text for one value, a list for several. Some providers repeat an attribute for
 * each value, instead of listing its values.
 */
function attributesOf(assertion: Node | undefined): Claims {
  const values = new Map<string, string[]>();
  for (const statement of nodesOf(assertion, 'AttributeStatement'))
    for (const attribute of nodesOf(statement as Node, 'Attribute') as Node[]) {
      const name = attribute.$?.Name;
      if (name === undefined) continue;
      const texts = nodesOf(attribute, 'AttributeValue')
        .map(textOf)
        .filter((text) => text !== undefined)
        // Providers that indent XML break lines around the text.
        .map((text) => text.trim());
      values.set(name, [...(values.get(name) ?? []), ...texts]);
    }
  return Object.fromEntries(
    [...values]
      .filter(([, texts]) => texts.length > 0)
      .map(([name, texts]) => [name, texts.length > 1 ? texts : texts[0]]),
  );
}

/** Attributes that identify a user for good, by decreasing scope (SAML V2.0 Subject Identifier Attributes Profile). */
const SUBJECT = [
  ['subject-id', 'urn:oasis:names:tc:saml:attribute:subjectid'],
  ['pairwise-id', 'urn:oasis:names:tc:saml:attribute:pairwiseid'],
  ['targeted-id', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.10'],
] as const;

/**
 * Returns what identifies the user where the NameID is another at each sign-in, or null. It begins with its kind, because an
 * id of one kind may be the NameID of another user.
 */
export function stableSubjectOf(assertion: Node | undefined): string | null {
  const given = attributesOf(assertion);
  for (const [kind, attribute] of SUBJECT) {
    const id = claimNamed(given, [attribute]);
    if (typeof id === 'string' && id !== '') return `${kind} ${id}`;
  }
  return null;
}

/**
 * Returns the claims of a signed assertion, with address and name where OpenID Connect has them. A NameID may be the address, a
 * lasting id never is: it may look like the address of another user.
 */
export function claimsOf(subject: { id: string; isNameId: boolean }, assertion: Node | undefined): Claims {
  const given = attributesOf(assertion);
  const email = claimNamed(given, EMAIL) ?? (subject.isNameId && subject.id.includes('@') ? subject.id : undefined);
  const name = claimNamed(given, NAME);
  const context = first(first(first(assertion, 'AuthnStatement'), 'AuthnContext'), 'AuthnContextClassRef')?._;
  return {
    ...given,
    name_id: subject.id,
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(context && { acr: context }),
  };
}
