import { newUserCode, normalizeUserCode } from './user-code.js';

describe('a user code', () => {
  it('is two groups of four consonants', () => {
    const codes = Array.from({ length: 1000 }, newUserCode);
    for (const code of codes) expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(new Set(codes).size).toBeGreaterThan(990);
  });

  it.each([
    ['wdjb-mjht', 'WDJB-MJHT'],
    [' WDJBMJHT ', 'WDJB-MJHT'],
    ['wd jb mj ht', 'WDJB-MJHT'],
    ['ＷＤＪＢ—ｍｊｈｔ', 'WDJB-MJHT'],
    ['WDJB-MJH', null],
    ['WDJB-MJHTT', null],
    ['AEIO-UAEI', null],
    ['', null],
  ])('is read from %j', (text, code) => expect(normalizeUserCode(text)).toBe(code));
});
