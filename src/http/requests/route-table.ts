import findMyWay, { type HTTPMethod } from 'find-my-way';

interface Route {
  method: string | string[];
  url: string;
}

/** Which methods a path takes: Fastify's own router only answers for one method at a time and path patterns. */
export class RouteTable {
  private readonly routers = new Map<string, ReturnType<typeof findMyWay>>();

  constructor(private readonly maxParamLength: number) {}

  /** Routes that end in a wildcard serve whatever lies below them, so they say nothing about one path. */
  add({ method, url }: Route): void {
    if (url.includes('*')) return;
    for (const one of [method].flat()) this.routerOf(one).on(one as HTTPMethod, url, () => undefined);
  }

  /** Sorted; empty for a path that no route has. `url` may have a query. */
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
