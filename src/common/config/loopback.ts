import ipaddr from 'ipaddr.js';

/**
 * Returns whether a host name, with or without a port, means this machine. A page whose own name leads to 127.0.0.1 does
 * not, because it asks with that name.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = /^(\[[\da-f:.]+\]|[^:]+)(?::\d+)?$/i.exec(host ?? '')?.[1]?.toLowerCase() ?? '';
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const address = name.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}
