import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Range = [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** Parses an address. IPv4-mapped IPv6 addresses become IPv4. */
const parsed = (address: string): ipaddr.IPv4 | ipaddr.IPv6 => ipaddr.process(address);

/** Returns the host of a URL without the brackets of IPv6 and the dot at the end of a full name. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[|[\].]$/g, '').toLowerCase();

const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** Everything else of IPv6 is reserved, or a way to write an IPv4 address, such as `::7f00:1`. */
const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  address.range() === 'unicast' && (address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST));

/** Decides which configured hosts and addresses may receive requests. */
export class PrivateHosts {
  private readonly names: ReadonlySet<string>;
  private readonly ranges: readonly Range[];

  /** Takes host names, addresses and ranges such as `10.0.0.0/8`. Throws on an invalid range. */
  constructor(allowed: readonly string[]) {
    const entries = allowed.map((entry) => entry.toLowerCase());
    this.names = new Set(entries.filter((entry) => !entry.includes('/')));
    this.ranges = entries.filter((entry) => entry.includes('/')).map((entry) => ipaddr.parseCIDR(entry));
  }

  /** Tells whether the configuration lists this host, which may then be private and used without TLS. */
  allowsHost(hostname: string): boolean {
    const host = bareHost(hostname);
    return this.names.has(host) || (isIP(host) !== 0 && this.inRange(host));
  }

  /** Tells whether the resolved address of a host may be connected to. */
  allowsAddress(hostname: string, address: string): boolean {
    return isPublic(parsed(address)) || this.allowsHost(hostname) || this.allowsHost(address);
  }

  private inRange(host: string): boolean {
    const address = parsed(host);
    return this.ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  }
}
