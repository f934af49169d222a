import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { Access } from './access.js';
import type { Level, PermissionAt } from './permissions.js';

export const ACCESS_RULE = 'trellis:access-rule';

export interface AccessRule {
  level: Level | 'account' | 'public';
  permission?: string;
  /** Requires no permission: every caller who can see the organization may use the route. */
  anyRole?: true;
  /** Keeps the route open while its organization or unit is suspended. */
  whileSuspended?: boolean;
  /** Lets the route find an organization or unit that is pending deletion. */
  whileDeleted?: boolean;
  /**
   * Uses permissions that were read at most a second ago, for very frequent routes. Changes through this server still apply
   * at once, changes through other servers within the second.
   */
  cached?: boolean;
  /** Refuses all API keys. */
  personOnly?: boolean;
  /** Requires a proof of identity from the last ten minutes, to protect an unattended device. */
  freshProof?: boolean;
  /**
   * On routes outside of organizations: what a session may do for whose user only an organization's identity provider
   * vouches. `allowed`: the same as all sessions. `ownOrganization`: the same, limited to that organization. Left out:
   * nothing, until the user proves who they are to this server.
   */
  withoutOwnProof?: 'allowed' | 'ownOrganization';
}

type RuleOptions = Pick<
  AccessRule,
  'whileSuspended' | 'whileDeleted' | 'cached' | 'personOnly' | 'freshProof' | 'withoutOwnProof'
>;

/** Adds the rule to openapi.json, without `cached`, which clients need not know. */
const documented = ({ cached: _cached, ...rule }: AccessRule) => ApiExtension('x-requires', rule);

/**
 * Requires `permission` at `level`. The path names the resource: `:operator` (slug), `:orgId`, `:unitId`. Resources that the
 * caller cannot see return 404, and actions that the caller is not allowed to perform return 403.
 */
export const Requires = <L extends Level>(level: L, permission: PermissionAt<L>, options: RuleOptions = {}) =>
  applyDecorators(
    SetMetadata(ACCESS_RULE, { level, permission, ...options } satisfies AccessRule),
    ApiBearerAuth(),
    documented({ level, permission, ...options }),
  );

/** Requires only that the caller, also an API key, can see the organization in the path. */
export const RequiresAnyRole = (options: Pick<RuleOptions, 'whileDeleted'> = {}) => {
  const rule: AccessRule = { level: 'organization', anyRole: true, ...options };
  return applyDecorators(SetMetadata(ACCESS_RULE, rule), ApiBearerAuth(), documented(rule));
};

/** Requires a signed-in user, in their own operator. For routes about the caller's own account. */
export const RequiresAccount = (options: Pick<RuleOptions, 'freshProof' | 'withoutOwnProof'> = {}) =>
  applyDecorators(
    SetMetadata(ACCESS_RULE, { level: 'account', ...options } satisfies AccessRule),
    ApiBearerAuth(),
    documented({ level: 'account', ...options }),
  );

/** Makes the route public. No token is read. */
export const Public = () =>
  applyDecorators(
    SetMetadata(ACCESS_RULE, { level: 'public' } satisfies AccessRule),
    ApiSecurity({}),
    documented({ level: 'public' }),
  );

/** Injects the access facts that the guard stored: `Access`, `OrganizationAccess` or `UnitAccess`. */
export const CurrentAccess = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<{ access: Access }>().access,
);
