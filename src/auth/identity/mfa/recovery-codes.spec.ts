import { newRecoveryCodes, typedCode } from './recovery-codes.js';

it.each<[string, (code: string) => string]>([
  ['as it is shown', (code) => code],
  ['in capitals', (code) => code.toUpperCase()],
  ['without a dash', (code) => code.replace('-', '')],
  ['with an en dash', (code) => code.replace('-', '–')],
  ['with spaces', (code) => ` ${code.replace('-', ' - ')}\n`],
  ['with confusable letters', (code) => code.replaceAll('0', 'O').replaceAll('1', 'l')],
])('reads a recovery code %s', (_, typed) => {
  for (const code of newRecoveryCodes()) expect(typedCode(typed(code))).toBe(code.replace('-', ''));
});
