import { newTotpSecret, stepOf } from './totp.js';

describe('stepOf', () => {
  it.each(['lökghß', '１２３４５６', '12345', '1234567', '', '12 456', '-12345', '1e5000', '😀😀😀'])(
    'rejects a code that is not six digits: %s',
    async (code) => expect(await stepOf(newTotpSecret(), code)).toBeNull(),
  );
});
