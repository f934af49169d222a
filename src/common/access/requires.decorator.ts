import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { Access } from './access.js';
import type { Level, PermissionAt } from './permissions.js';

export const ACCESS_RULE = 'trellis:access-rule';

export interface AccessRule {
  level: Level | 'account' | 'public';
  permission?: string;
  /** The route stays open to those it is for while its organization or unit is suspended. */
  whileSuspended?: boolean;
  /** The route also finds an organization or unit that is waiting for its purge. */
  whileDeleted?: boolean;
  /**
   * For routes asked thousands of times a second: what the caller may was read at most a second ago. Changes through this
   * server count at once all the same, those through others within the second.
   */
  cached?: boolean;
  /** API keys are refused, whatever they hold. */
  personOnly?: boolean;
  /**
   * Asks a person to have shown who he is a moment ago, because a stranger at his device must not do this. `withFactor`: only
   * whoever has a second factor.
   */
  freshProof?: 'always' | 'withFactor';
}

type RuleOptions = Pick<AccessRule, 'whileSuspended' | 'whileDeleted' | 'cached' | 'personOnly' | 'freshProof'>;

/** Puts the rule into openapi.json, without `cached`: no client has to know. */
const documented = ({ cached: _cached, ...rule }: AccessRule) => ApiExtension('x-requires', rule);

/**
 * The route needs `permission` at `level`. The level's thing is named by the path: `:operator` (slug), `:orgId`,
 * `:unitId`. Outside one's scope the answer is 404, inside it without the permission 403.
 */
export const Requires = <L extends Level>(level: L, permission: PermissionAt<L>, options: RuleOptions = {}) =>
  applyDecorators(
    SetMetadata(ACCESS_RULE, { level, permission, ...options } satisfies AccessRule),
    ApiBearerAuth(),
    documented({ level, permission, ...options }),
  );

/** The route is about the caller's own account: any signed-in person, only in his own operator. */
export const RequiresAccount = (options: Pick<RuleOptions, 'freshProof'> = {}) =>
  applyDecorators(
    SetMetadata(ACCESS_RULE, { level: 'account', ...options } satisfies AccessRule),
    ApiBearerAuth(),
    documented({ level: 'account', ...options }),
  );

/** The route is for everybody: no token is read. */
export const Public = () =>
  applyDecorators(
    SetMetadata(ACCESS_RULE, { level: 'public' } satisfies AccessRule),
    ApiSecurity({}),
    documented({ level: 'public' }),
  );

/** What the guard put on the request; see `Access`, `OrganizationAccess`, `UnitAccess`. */
export const CurrentAccess = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<{ access: Access }>().access,
);
