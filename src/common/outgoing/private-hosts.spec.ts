import { PrivateHosts } from './private-hosts.js';

describe('private hosts', () => {
  const nothing = new PrivateHosts([]);
  const some = new PrivateHosts(['127.0.0.1', 'idp.internal', '10.1.0.0/16', 'fd00::/8']);

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '192.0.2.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    '::7f00:1',
    'fec0::1',
    'ff02::1',
  ])('refuses %s', (address) => {
    expect(nothing.allowsAddress('idp.example.com', address)).toBe(false);
  });

  it.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('lets through %s', (address) => {
    expect(nothing.allowsAddress('idp.example.com', address)).toBe(true);
  });

  it('lets through what is configured, by name, address and range, and nothing else', () => {
    expect(some.allowsAddress('127.0.0.1', '127.0.0.1')).toBe(true);
    expect(some.allowsAddress('rebound.example.com', '127.0.0.1')).toBe(true);
    expect(some.allowsAddress('idp.internal', '192.168.7.7')).toBe(true);
    expect(some.allowsAddress('other.internal', '192.168.7.7')).toBe(false);
    expect(some.allowsAddress('any', '10.1.255.1')).toBe(true);
    expect(some.allowsAddress('any', '10.2.0.1')).toBe(false);
    expect(some.allowsAddress('any', 'fd12::1')).toBe(true);
    expect(some.allowsHost('[fd12::1]')).toBe(true);
    expect(some.allowsHost('IDP.internal')).toBe(true);
    expect(some.allowsHost('localhost')).toBe(false);
  });
});
