import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Range = [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** An IPv4 address written as IPv6 is the IPv4 address. */
const parsed = (address: string): ipaddr.IPv4 | ipaddr.IPv6 => ipaddr.process(address);

/** A host as it stands in a URL, without the brackets of IPv6. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[|\]$/g, '').toLowerCase();

/** Which addresses this server may send requests to that somebody outside has named. */
export class PrivateHosts {
  private readonly names: ReadonlySet<string>;
  private readonly ranges: readonly Range[];

  /** Host names, addresses and ranges (`10.0.0.0/8`). Throws on a range that is none. */
  constructor(allowed: readonly string[]) {
    const entries = allowed.map((entry) => entry.toLowerCase());
    this.names = new Set(entries.filter((entry) => !entry.includes('/')));
    this.ranges = entries.filter((entry) => entry.includes('/')).map((entry) => ipaddr.parseCIDR(entry));
  }

  /** Whether the configuration names this host: then it may be private, and spoken to without TLS. */
  allowsHost(hostname: string): boolean {
    const host = bareHost(hostname);
    return this.names.has(host) || (isIP(host) !== 0 && this.inRange(host));
  }

  /** Whether an address that a host name led to may be connected to. */
  allowsAddress(hostname: string, address: string): boolean {
    return parsed(address).range() === 'unicast' || this.allowsHost(hostname) || this.allowsHost(address);
  }

  private inRange(host: string): boolean {
    const address = parsed(host);
    return this.ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  }
}
