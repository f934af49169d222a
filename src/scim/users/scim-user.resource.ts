import { composeText, isPrintable, mailboxOf, truncate } from '../../common/validation/index.js';
import { ENTERPRISE_URN, USER_URN } from '../protocol/attributes.js';
import { type Document, isObject } from '../protocol/document.js';
import type { Resource } from '../protocol/resource.js';
import { refused } from '../protocol/scim.errors.js';
import type { ScimUserContent, ScimUserRow } from './scim-user.store.js';

const MAX_BYTES = 64 * 1024;
const MAX_NAME = 120;

/** Builds the resource that clients read. */
export function toUserResource(row: ScimUserRow, baseUrl: string): Resource {
  const { id, attributes, externalId } = row;
  const { [ENTERPRISE_URN]: enterprise, ...own } = attributes;
  return {
    schemas: enterprise ? [USER_URN, ENTERPRISE_URN] : [USER_URN],
    id,
    ...(externalId !== null && { externalId }),
    userName: row.userName,
    ...own,
    name: { ...partsOf(nameOf(row) ?? row.name), ...(isObject(own.name) && own.name) },
    displayName: own.displayName ?? row.name,
    active: row.active,
    emails: own.emails ?? [{ value: row.email, type: 'work', primary: true }],
    groups: row.groups.map(({ id: value, displayName }) => ({
      value,
      $ref: `${baseUrl}/Groups/${value}`,
      display: displayName,
      type: 'direct',
    })),
    ...(enterprise !== undefined && { [ENTERPRISE_URN]: enterprise }),
    meta: {
      resourceType: 'User',
      created: row.createdAt.toISOString(),
      lastModified: row.updatedAt.toISOString(),
      location: `${baseUrl}/Users/${id}`,
      version: versionOf(row),
    },
  };
}

/** Splits a name for clients that require its parts. What the provider has sent takes precedence. */
function partsOf(name: string): Record<string, string> {
  const at = name.lastIndexOf(' ');
  const [given, family] = at === -1 ? [name, name] : [name.slice(0, at), name.slice(at + 1)];
  return { formatted: name, givenName: given, familyName: family };
}

export const versionOf = ({ version }: ScimUserRow): string => `W/"${version}"`;

/** Returns the current writable attributes, to which a PATCH is applied. */
export const writtenOf = ({ userName, externalId, active, attributes }: ScimUserRow): Document => ({
  ...attributes,
  userName,
  active,
  ...(externalId !== null && { externalId }),
});

/** Checks a document and splits it into columns. `active` is null when it is missing. */
export function contentOfUser(document: Document): ScimUserContent & { active: boolean | null } {
  const { userName, externalId, active, ...attributes } = document;
  const name = typeof userName === 'string' ? userName.trim() : '';
  if (!name) throw refused.value('userName is required.');
  if (name.length > 256 || !isPrintable(name))
    throw refused.value('userName must be printable and at most 256 characters long.');
  const external = typeof externalId === 'string' && externalId !== '' ? externalId : null;
  if (external && external.length > 256) throw refused.value('externalId must be at most 256 characters long.');
  if (Buffer.byteLength(JSON.stringify(attributes)) > MAX_BYTES)
    throw refused.value(`The attributes together must be at most ${MAX_BYTES / 1024} KiB.`);
  return { userName: name, externalId: external, attributes, active: typeof active === 'boolean' ? active : null };
}

const mailbox = (value: unknown): string | null => (typeof value === 'string' ? mailboxOf(value) : null);

/** Returns the address of the account: the primary address, else the one for work, else the first, else a userName that is an address. */
export function addressOf({ userName, attributes }: ScimUserContent): string | null {
  const emails = Array.isArray(attributes.emails) ? attributes.emails.filter(isObject) : [];
  const chosen =
    emails.find(({ primary }) => primary === true) ?? emails.find(({ type }) => type === 'work') ?? emails[0];
  return chosen ? mailbox(chosen.value) : mailbox(userName);
}

/** Returns the name of the account, null if the attributes hold none. */
export function nameOf({ attributes }: ScimUserContent): string | null {
  const name = isObject(attributes.name) ? attributes.name : {};
  const parts = [name.givenName, name.familyName].filter((part) => typeof part === 'string' && part);
  for (const text of [attributes.displayName, name.formatted, parts.join(' ')]) {
    if (typeof text !== 'string') continue;
    const printable = [...text.trim()].filter((one) => isPrintable(one)).join('');
    const plain = truncate(composeText(printable), MAX_NAME).trim();
    if (plain) return plain;
  }
  return null;
}
