import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS_RULE, type AccessRule } from '../../../common/access/index.js';
import { UNLIMITED } from '../../../http/index.js';

export interface RouteRule {
  /** For example `OrganizationController.listOrganizations`. */
  handler: string;
  method: string;
  /** The declared path, for example `t/:operator/api/v1/…`. */
  path: string;
  rule: AccessRule | undefined;
  /** Whether the request limiter skips the route. */
  unlimited: boolean;
}

const joined = (...parts: unknown[]): string =>
  parts
    .flat()
    .map((part) => String(part).replace(/^\/+|\/+$/g, ''))
    .filter(Boolean)
    .join('/');

/**
 * Lists every route with what it requires. The start fails if a route declares nothing. The access matrix test uses
 * this list.
 */
@Injectable()
export class RouteRules implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const silent = this.all().filter(({ rule }) => !rule);
    if (silent.length === 0) return;
    const names = silent.map(({ handler }) => handler).join(', ');
    throw new Error(`these routes need @Requires, @RequiresAccount or @Public: ${names}`);
  }

  all(): RouteRule[] {
    return this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      if (!metatype || !instance) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, (...parameters: unknown[]) => unknown>;
      return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name];
        const path: unknown = handler && Reflect.getMetadata(PATH_METADATA, handler);
        if (!handler || path === undefined) return [];
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
        const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [handler, metatype]);
        const unlimited =
          this.reflector.getAllAndOverride<boolean | undefined>(UNLIMITED, [handler, metatype]) === true;
        // A controller can serve several paths.
        const bases = [Reflect.getMetadata(PATH_METADATA, metatype) as string | string[]].flat();
        return bases.map((base) => ({
          handler: `${metatype.name}.${name}`,
          method,
          path: joined(base, path),
          rule,
          unlimited,
        }));
      });
    });
  }
}
