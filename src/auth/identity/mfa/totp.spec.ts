import { newTotpSecret, stepOf } from './totp.js';

describe('a code', () => {
  it.each(['lökghß', '１２３４５６', '12345', '1234567', '', '12 456', '-12345', '1e5000', '😀😀😀'])(
    'that is not six digits is no code: %s',
    async (code) => expect(await stepOf(newTotpSecret(), code)).toBeNull(),
  );
});
