import { isId } from '../../common/ids/index.js';
import { requestIdOf } from './request-id.js';

const idFor = (given?: string) => requestIdOf({ headers: given === undefined ? {} : { 'x-request-id': given } });

describe('requestIdOf', () => {
  it.each(['a', '0b4c-7', 'a.b:c_d', 'x'.repeat(128)])('takes %s', (given) => expect(idFor(given)).toBe(given));

  it.each([undefined, '', ' ', 'a b', 'a\nb', 'x'.repeat(129), 'ä', '"', 'a, b'])(
    'makes one instead of %j',
    (given) => {
      expect(isId(idFor(given))).toBe(true);
    },
  );
});
