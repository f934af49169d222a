import { clientNetwork } from './client-network.js';

it.each([
  ['203.0.113.7', '203.0.113.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.0/24'],
  ['2001:db8:1:2ff::7', '2001:db8:1:200::/56'],
  ['2001:DB8:1:2fe:1:2:3:4', '2001:db8:1:200::/56'],
  ['::1', '::/56'],
  ['nonsense', 'unknown'],
  [null, 'unknown'],
])('of %s is %s', (ip, network) => expect(clientNetwork(ip)).toBe(network));
