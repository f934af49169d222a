import { jest } from '@jest/globals';
import { Config } from '../../common/config/index.js';
import { RequestLimiter } from './request-limiter.js';

const limiterOf = (rateLimit: number) => new RequestLimiter(Object.assign(new Config(), { rateLimit }));

describe('RequestLimiter', () => {
  let now = 0;
  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());

  it('lets RATE_LIMIT requests pass in each second, of each credential', () => {
    const limiter = limiterOf(2);
    limiter.consume('a');
    limiter.consume('a');
    expect(() => limiter.consume('a')).toThrow(expect.objectContaining({ code: 'rate_limited' }));
    limiter.consume('b');
    now = 999;
    expect(() => limiter.consume('a')).toThrow();
    now = 1000;
    limiter.consume('a');
  });

  it('says how long is left', () => {
    const limiter = limiterOf(1);
    limiter.consume('a');
    now = 400;
    expect(() => limiter.consume('a')).toThrow(expect.objectContaining({ options: { retryAfterSeconds: 0.6 } }));
  });

  it('keeps no more than so many, and counts the rest together', () => {
    const limiter = limiterOf(2);
    for (let i = 0; i < 50_000; i++) limiter.consume(`key ${i}`);
    limiter.consume('one more');
    limiter.consume('and another');
    expect(() => limiter.consume('a third')).toThrow();
    limiter.consume('key 1');
  });
});
