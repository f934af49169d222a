import { generate } from 'otplib';
import { newTotpSecret, stepOf } from './totp.js';

describe('stepOf', () => {
  it.each(['lökghß', '12345', '1234567', '', '12 456', '-12345', '1e5000', '😀😀😀'])(
    'rejects a code that is not six digits: %s',
    async (code) => expect(await stepOf(newTotpSecret(), code)).toBeNull(),
  );

  it.each<[string, (code: string) => string]>([
    ['as it is', (code) => code],
    ['in two groups', (code) => `${code.slice(0, 3)} ${code.slice(3)}`],
    ['with a dash and spaces around', (code) => ` ${code.slice(0, 3)}–${code.slice(3)}\u00a0`],
    [
      'in full-width digits',
      (code) => code.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
    ],
  ])('accepts a code %s', async (_, typed) => {
    const secret = newTotpSecret();
    expect(await stepOf(secret, typed(await generate({ secret })))).not.toBeNull();
  });
});
