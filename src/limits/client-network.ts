import ipaddr from 'ipaddr.js';

const IPV4_BITS = 24;
const IPV6_BITS = 56;

/**
 * Returns the network that a client most likely has to itself: `203.0.113.0/24`, `2001:db8:1:200::/56`. Addresses within it
 * cost an attacker nothing, so they share one budget.
 */
export function clientNetwork(ip: string | null): string {
  if (ip === null || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  const bits = address.kind() === 'ipv4' ? IPV4_BITS : IPV6_BITS;
  const bytes = address.toByteArray().map((byte, index) => (index * 8 < bits ? byte : 0));
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`;
}
