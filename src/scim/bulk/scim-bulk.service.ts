import { Injectable, Logger } from '@nestjs/common';
import type { OrganizationAccess } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { problemOf, RequestLimiter, scimErrorOf, toErrorResponse } from '../../http/index.js';
import { ScimGroupService } from '../groups/scim-group.service.js';
import { scimBaseUrl } from '../protocol/base-url.js';
import { deactivates } from '../protocol/patch.js';
import type { Resource } from '../protocol/resource.js';
import { scimErrors } from '../protocol/scim.errors.js';
import { ScimUserService } from '../users/scim-user.service.js';
import { orderOf, referencesOf, withIds } from '../protocol/bulk-references.js';
import {
  type BulkMethod,
  type BulkOperation,
  bulkRequestOf,
  isReadable,
  type UnreadableOperation,
} from '../protocol/bulk-request.js';

const RESPONSE_URN = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
const STATUS_OF: Record<BulkMethod, number> = { POST: 201, PUT: 200, PATCH: 200, DELETE: 204 };

export interface BulkResult {
  method?: BulkMethod;
  bulkId?: string;
  location?: string;
  version?: string;
  status: string;
  /** The error, if there is one. */
  response?: object;
}

export interface BulkResponse {
  schemas: [typeof RESPONSE_URN];
  Operations: BulkResult[];
}

/** The state of a request while its operations are carried out. */
interface Run {
  access: OrganizationAccess;
  /** Whose request limit the operations count against. */
  limitedBy: string;
  /** Ids of the resources that were created, by bulkId. */
  ids: Map<string, string>;
  /** The bulkIds of operations that were refused. */
  failed: Set<string>;
}

/** Carries out bulk requests (RFC 7644, 3.7). Each operation is the same as the request of its own, with a transaction of its own. */
@Injectable()
export class ScimBulkService {
  private readonly logger = new Logger('ScimBulk');

  constructor(
    private readonly users: ScimUserService,
    private readonly groups: ScimGroupService,
    private readonly limiter: RequestLimiter,
    private readonly config: Config,
  ) {}

  /**
   * Returns the results in the order of the request. After `failOnErrors` errors, the other operations are left out, but those that
   * deactivate a user.
   */
  async execute(access: OrganizationAccess, body: unknown, limitedBy: string): Promise<BulkResponse> {
    const { failOnErrors, operations } = bulkRequestOf(body);
    const { order, circular } = orderOf(operations);
    const run: Run = { access, limitedBy, ids: new Map(), failed: new Set() };
    const results: (BulkResult | undefined)[] = operations.map(() => undefined);
    let errors = 0;
    for (const index of order) {
      const operation = operations[index];
      if (!operation || (failOnErrors !== null && errors >= failOnErrors && !endsMembership(operation))) continue;
      const result = await this.attempt(run, operation, circular.has(index));
      if (result.response) errors++;
      results[index] = result;
    }
    return { schemas: [RESPONSE_URN], Operations: results.filter((result) => result !== undefined) };
  }

  /** Carries out an operation. Never throws: what is thrown is the result of the operation. */
  private async attempt(
    run: Run,
    operation: BulkOperation | UnreadableOperation,
    isCircular: boolean,
  ): Promise<BulkResult> {
    const { method, bulkId } = operation;
    const named = { ...(method !== null && { method }), ...(bulkId !== null && { bulkId }) };
    try {
      this.limiter.consume(run.limitedBy);
      if (!isReadable(operation)) throw operation.refusal;
      const resolved = resolve(run, operation, isCircular);
      const resource = await this.carryOut(run.access, resolved);
      if (operation.method === 'POST' && bulkId !== null && resource) run.ids.set(bulkId, resource.id);
      return { ...named, ...this.placeOf(run.access, resolved, resource), status: String(STATUS_OF[operation.method]) };
    } catch (error) {
      if (bulkId !== null) run.failed.add(bulkId);
      const { refusal, log } = toErrorResponse(error);
      if (log) this.logger[log](error);
      const problem = problemOf(refusal, run.access.actor.origin.requestId);
      return {
        ...named,
        ...(isReadable(operation) && this.placeOf(run.access, operation, null)),
        status: String(problem.status),
        response: scimErrorOf({ ...problem, data: refusal?.options.data }),
      };
    }
  }

  private async carryOut(access: OrganizationAccess, operation: BulkOperation): Promise<Resource | null> {
    const { method, target, version, data } = operation;
    const service = target.endpoint === 'Users' ? this.users : this.groups;
    const id = target.id ?? '';
    if (method === 'POST') return service.create(access, data);
    if (method === 'PUT') return service.replace(access, id, data, version);
    if (method === 'PATCH') return service.patch(access, id, data, version);
    await service.delete(access, id);
    return null;
  }

  /** Returns the URL and the version of what an operation concerns. A resource that was not created has none. */
  private placeOf(
    access: OrganizationAccess,
    { target }: BulkOperation,
    resource: Resource | null,
  ): Pick<BulkResult, 'location' | 'version'> {
    if (resource) return { location: resource.meta.location, version: resource.meta.version };
    if (target.id === null) return {};
    return { location: `${scimBaseUrl(this.config, access)}/${target.endpoint}/${encodeURIComponent(target.id)}` };
  }
}

/** Tells whether an operation deactivates a user, which must not fail because of another operation or a reference. */
const endsMembership = (operation: BulkOperation | UnreadableOperation): boolean =>
  isReadable(operation) &&
  operation.target.endpoint === 'Users' &&
  (operation.method === 'PUT' || operation.method === 'PATCH') &&
  deactivates(operation.data);

/**
 * Replaces references by ids. A reference to a user who was refused stays in a group, which leaves unknown members out; otherwise an
 * operation with a reference that names nothing is refused.
 */
function resolve(run: Run, operation: BulkOperation, isCircular: boolean): BulkOperation {
  const resolved = withIds(operation, run.ids);
  if (endsMembership(operation)) return resolved;
  if (isCircular) throw scimErrors.bulk_id_unresolved({ detail: 'The references of these operations are circular.' });
  const missing = [...referencesOf(resolved)].find(
    (bulkId) => operation.target.endpoint === 'Users' || !run.failed.has(bulkId) || isPathOf(resolved, bulkId),
  );
  if (missing !== undefined) throw scimErrors.bulk_id_unresolved();
  return resolved;
}

const isPathOf = ({ target }: BulkOperation, bulkId: string): boolean => target.id === `bulkId:${bulkId}`;
