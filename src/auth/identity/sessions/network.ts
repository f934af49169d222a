import { isIPv4, isIPv6 } from 'node:net';

/**
 * Returns the network of an address. It is wide enough to cover a user's addresses at one location or mobile carrier,
 * and narrow enough to exclude most others. `203.0.113.7` is in `203.0.0.0/16`, `2001:db8:1::7` in `2001:db8::/32`.
 */
export function networkOf(ip: string | null): string | null {
  if (ip !== null && isIPv4(ip)) return `${ip.split('.').slice(0, 2).join('.')}.0.0/16`;
  if (ip === null || !isIPv6(ip)) return null;
  // Groups are written out only before the first `::`. The omitted ones are zeros.
  const [written = ''] = ip.toLowerCase().split('::');
  const groups = written === '' ? [] : written.split(':');
  const [first, second] = [...groups, '0', '0'].map((group) => Number.parseInt(group, 16).toString(16));
  return `${first}:${second}::/32`;
}
