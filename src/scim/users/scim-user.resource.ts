import { isEmail } from 'class-validator';
import { isPrintable, MAILBOX, normalizeEmail } from '../../common/validation/index.js';
import { ENTERPRISE_URN, USER_URN } from '../schema/attributes.js';
import { type Document, isObject } from '../schema/document.js';
import type { Resource } from '../schema/resource.js';
import { refused } from '../scim.errors.js';
import type { ScimUserContent, ScimUserRow } from './scim-user.store.js';

const MAX_BYTES = 64 * 1024;
const MAX_NAME = 120;

/** What a client reads, and writes back. */
export function toUserResource(row: ScimUserRow, baseUrl: string): Resource {
  const { id, attributes, externalId } = row;
  const { [ENTERPRISE_URN]: enterprise, ...own } = attributes;
  return {
    schemas: enterprise ? [USER_URN, ENTERPRISE_URN] : [USER_URN],
    id,
    ...(externalId !== null && { externalId }),
    userName: row.userName,
    ...own,
    name: isObject(own.name) ? own.name : { formatted: row.name },
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

export const versionOf = ({ version }: ScimUserRow): string => `W/"${version}"`;

/** What a client may change, as it is now: what a PATCH is applied to. */
export const writtenOf = ({ userName, externalId, active, attributes }: ScimUserRow): Document => ({
  ...attributes,
  userName,
  active,
  ...(externalId !== null && { externalId }),
});

/** Throws scim.invalid_value. */
export function contentOfUser(document: Document): ScimUserContent & { active: boolean | null } {
  const { userName, externalId, active, ...attributes } = document;
  const name = typeof userName === 'string' ? userName.trim() : '';
  if (!name) throw refused.value('userName is required.');
  if (name.length > 256 || !isPrintable(name))
    throw refused.value('userName is to be printable and have at most 256 characters.');
  const external = typeof externalId === 'string' && externalId !== '' ? externalId : null;
  if (external && external.length > 256) throw refused.value('externalId has at most 256 characters.');
  if (Buffer.byteLength(JSON.stringify(attributes)) > MAX_BYTES)
    throw refused.value('The attributes are too much together.');
  return { userName: name, externalId: external, attributes, active: typeof active === 'boolean' ? active : null };
}

const mailbox = (value: unknown): string | null => {
  if (typeof value !== 'string') return null;
  const email = normalizeEmail(value);
  return email.length <= 254 && MAILBOX.test(email) && isPrintable(email) && isEmail(email) ? email : null;
};

/** The address of the account: the primary one, else that for work, else the first, else the userName when it is one. */
export function addressOf({ userName, attributes }: ScimUserContent): string | null {
  const emails = Array.isArray(attributes.emails) ? attributes.emails.filter(isObject) : [];
  const chosen =
    emails.find(({ primary }) => primary === true) ?? emails.find(({ type }) => type === 'work') ?? emails[0];
  return chosen ? mailbox(chosen.value) : mailbox(userName);
}

/** Null when nothing is said about it. */
export function nameOf({ attributes }: ScimUserContent): string | null {
  const name = isObject(attributes.name) ? attributes.name : {};
  const parts = [name.givenName, name.familyName].filter((part) => typeof part === 'string' && part);
  for (const text of [attributes.displayName, name.formatted, parts.join(' ')]) {
    if (typeof text !== 'string') continue;
    const plain = [...text.trim()]
      .filter((one) => isPrintable(one))
      .slice(0, MAX_NAME)
      .join('')
      .trim();
    if (plain) return plain;
  }
  return null;
}
