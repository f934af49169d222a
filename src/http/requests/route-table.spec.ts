import { RouteTable } from './route-table.js';

describe('RouteTable', () => {
  const routes = new RouteTable(10);
  routes.add({ method: 'GET', url: '/things/:id' });
  routes.add({ method: ['PUT', 'DELETE'], url: '/things/:id' });
  routes.add({ method: 'POST', url: '/things' });
  routes.add({ method: 'GET', url: '/*' });

  it.each([
    ['/things/1', ['DELETE', 'GET', 'PUT']],
    ['/things/1?a=/x', ['DELETE', 'GET', 'PUT']],
    ['/things', ['POST']],
    ['/things/1/more', []],
    ['/things/12345678901', []],
    ['/%zz', []],
    ['', []],
    ['*', []],
    ['/anything', []],
  ])('%s takes %j', (url, methods) => expect(routes.methodsOf(url)).toEqual(methods));
});
