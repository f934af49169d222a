import type { FastifyReply } from 'fastify';

export const LIST_URN = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

export interface Meta {
  resourceType: 'User' | 'Group';
  created: string;
  lastModified: string;
  location: string;
  version: string;
}

export type Resource = Record<string, unknown> & { schemas: string[]; id: string; meta: Meta };

export interface ListResponse {
  schemas: [typeof LIST_URN];
  totalResults: number;
  startIndex: number;
  itemsPerPage: number;
  Resources: Record<string, unknown>[];
}

export const listResponse = (
  totalResults: number,
  startIndex: number,
  Resources: Record<string, unknown>[],
): ListResponse => ({ schemas: [LIST_URN], totalResults, startIndex, itemsPerPage: Resources.length, Resources });

/** Sets the headers `location` and `etag` from the resource, and returns it as the response. */
export function withVersionHeaders(reply: FastifyReply, resource: Resource): Resource {
  const { location, version } = resource.meta;
  void reply.header('location', location).header('etag', version);
  return resource;
}
