import { assertPassword } from './password.policy.js';

const CONTEXT = ['ada.lovelace@example.com', 'Ada Lovelace', 'Analytical Engines', 'engines'];

const codeOf = (password: string, minLength = 15): string => {
  try {
    assertPassword(password, CONTEXT, minLength);
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
    'Password12345678',
    'passwordpassword',
    'password password password',
    'P@ssw0rdP@ssw0rd!',
    'qwertyuiopasdfgh',
    '123456789012345',
    'abcdefghijklmnop',
    '1qaz2wsx3edc4rfv',
    'letmein!letmein!',
    'welcome2024welcome',
    'dragonmonkeyshadow',
    'iloveyouforever1',
    'password84719304',
  ])('%j is too common', (password) => {
    expect(codeOf(password)).toBe('auth.password_too_common');
  });

  it('is checked against common ones even if settings allow less length', () => {
    const codes = ['trustno1', 'Superman', 'baseball1', 'xk9mq2vl'].map((password) => codeOf(password, 8));
    expect(codes).toEqual([...Array<string>(3).fill('auth.password_too_common'), 'taken']);
  });

  it.each([
    'correct horse battery staple',
    'fifteen chars!!',
    'xK9mQ2vL7pR4tW8z',
    'another long password',
    'kupfer-nebel-78',
    'x!9#Kq$2&Lp^7*Zm',
    'ada likes long walks by the river',
    'my password is a poem of Byron',
    'здравствуй прекрасный мир',
    '合言葉は長いほうが良いのだと思います',
    '🍎🍐🍊🍋🍌🍉🍇🍓🫐🍈🍒🍑🥭🍍🥥',
  ])('%j is accepted', (password) => {
    expect(codeOf(password)).toBe('taken');
  });
});
