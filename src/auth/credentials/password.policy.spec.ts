import { assertPassword } from './password.policy.js';

const CONTEXT = ['ada.lovelace@example.com', 'Ada Lovelace', 'Analytical Engines', 'engines'];

const codeOf = (password: string): string => {
  try {
    assertPassword(password, CONTEXT, 15);
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a password', () => {
  it.each(['', 'short', 'fourteen chars', 'ﬃﬃﬃﬃ'])('%j is too short', (password) => {
    expect(codeOf(password)).toBe('auth.password_too_short');
  });

  it.each([
    'aaaaaaaaaaaaaaaaaaaa',
    'abababababababababab',
    'ada.lovelace@example.com',
    'Ada Lovelace Ada Lovelace',
    'AdaLovelace-Engines-1',
    '               ',
    '!!!!!!!!!!!!!!!!!!!!',
  ])('%j is too weak', (password) => {
    expect(codeOf(password)).toBe('auth.password_too_weak');
  });

  it.each([
    'correct horse battery staple',
    'fifteen chars!!',
    'xK9mQ2vL7pR4tW8z',
    'x!9#Kq$2&Lp^7*Zm',
    'ada likes long walks by the river',
    'my password is a poem of Byron',
    'здравствуй прекрасный мир',
    '合言葉は長いほうが良いのだと思います',
    '🍎🍐🍊🍋🍌🍉🍇🍓🫐🍈🍒🍑🥭🍍🥥',
  ])('%j is taken', (password) => {
    expect(codeOf(password)).toBe('taken');
  });
});
