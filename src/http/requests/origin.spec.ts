import { addressOf, originOf } from './origin.js';

describe('addressOf', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unknown', null],
    ['10.0.0.1:80', null],
    ['<script>', null],
    ['', null],
    [undefined, null],
  ])('of %s is %s', (text, address) => expect(addressOf(text)).toBe(address));
});

describe('originOf', () => {
  it('is the request and its address', () => {
    expect(originOf({ id: 'r', ip: '::ffff:1.2.3.4' })).toEqual({ requestId: 'r', ip: '1.2.3.4' });
  });
});
