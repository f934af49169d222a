import { isIPv4, isIPv6 } from 'node:net';

/**
 * The network an address is in: so wide that a person's addresses of one place or one mobile carrier mostly fall into one, and
 * so narrow that most strangers' do not. `203.0.113.7` is in `203.0.0.0/16`, `2001:db8:1::7` in `2001:db8::/32`.
 */
export function networkOf(ip: string | null): string | null {
  if (ip !== null && isIPv4(ip)) return `${ip.split('.').slice(0, 2).join('.')}.0.0/16`;
  if (ip === null || !isIPv6(ip)) return null;
  // Only what stands before the first `::` is written out; what it leaves out are zeros.
  const [written = ''] = ip.toLowerCase().split('::');
  const groups = written === '' ? [] : written.split(':');
  const [first, second] = [...groups, '0', '0'].map((group) => Number.parseInt(group, 16).toString(16));
  return `${first}:${second}::/32`;
}
