import { isPrintable } from '../../common/validation/index.js';
import { GROUP_URN } from '../protocol/attributes.js';
import { type Document, isObject } from '../protocol/document.js';
import type { Resource } from '../protocol/resource.js';
import { refused } from '../protocol/scim.errors.js';
import type { ScimGroupContent, ScimGroupRow } from './scim-group.store.js';

export const groupVersion = ({ version }: ScimGroupRow): string => `W/"${version}"`;

export function toGroupResource(row: ScimGroupRow, baseUrl: string): Resource {
  const { id, displayName, externalId, members } = row;
  return {
    schemas: [GROUP_URN],
    id,
    ...(externalId !== null && { externalId }),
    displayName,
    members: members.map(({ value, display }) => ({ value, $ref: `${baseUrl}/Users/${value}`, display, type: 'User' })),
    meta: {
      resourceType: 'Group',
      created: row.createdAt.toISOString(),
      lastModified: row.updatedAt.toISOString(),
      location: `${baseUrl}/Groups/${id}`,
      version: groupVersion(row),
    },
  };
}

export const writtenOfGroup = ({ displayName, externalId, members }: ScimGroupRow): Document => ({
  displayName,
  ...(externalId !== null && { externalId }),
  members: members.map(({ value }) => ({ value })),
});

export function contentOfGroup(document: Document): ScimGroupContent & { memberIds: string[] } {
  const { displayName, externalId, members = [] } = document;
  const name = typeof displayName === 'string' ? displayName.trim() : '';
  if (!name) throw refused.value('displayName is required.');
  if (name.length > 256 || !isPrintable(name))
    throw refused.value('displayName must be printable and at most 256 characters long.');
  const external = typeof externalId === 'string' && externalId !== '' ? externalId : null;
  if (external && external.length > 256) throw refused.value('externalId must be at most 256 characters long.');
  const ids = (members as unknown[]).map((member) => {
    const { value, type } = isObject(member) ? member : {};
    if (typeof type === 'string' && type.toLowerCase() === 'group')
      throw refused.value('Groups cannot be members of groups.');
    if (typeof value !== 'string') throw refused.value('Each member needs a value, the id of a user.');
    return value.toLowerCase();
  });
  return { displayName: name, externalId: external, memberIds: [...new Set(ids)].sort() };
}
