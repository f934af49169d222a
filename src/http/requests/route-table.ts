import findMyWay, { type HTTPMethod } from 'find-my-way';

interface Route {
  method: string | string[];
  url: string;
}

/** Knows the methods of each path, because Fastify's router checks one method at a time and only patterns. */
export class RouteTable {
  private readonly routers = new Map<string, ReturnType<typeof findMyWay>>();

  constructor(private readonly maxParamLength: number) {}

  /** Adds a route. Skips wildcards, because they match all paths below them. */
  add({ method, url }: Route): void {
    if (url.includes('*')) return;
    for (const one of [method].flat()) this.routerOf(one).on(one as HTTPMethod, url, () => undefined);
  }

  /** Returns the sorted methods, empty if no route matches. `url` may have a query. */
  methodsOf(url: string): string[] {
    const path = url.replace(/[?#].*$/s, '');
    const takes = ([method, router]: [string, ReturnType<typeof findMyWay>]) =>
      router.find(method as HTTPMethod, path) !== null;
    return [...this.routers]
      .filter(takes)
      .map(([method]) => method)
      .sort();
  }

  private routerOf(method: string) {
    let router = this.routers.get(method);
    if (!router) {
      router = findMyWay({ maxParamLength: this.maxParamLength });
      this.routers.set(method, router);
    }
    return router;
  }
}
