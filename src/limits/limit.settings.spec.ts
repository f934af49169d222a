import { Config, ConfigError } from '../common/config/index.js';
import { windowsText } from './budgets.js';
import { LimitSettings } from './limit.settings.js';

const settings = (limits: Record<string, string>) => new LimitSettings(Object.assign(new Config(), { limits }));

it('has a default for everything', () => {
  expect(settings({}).rate('password_attempts').windows).toEqual([{ limit: 10, seconds: 900 }]);
});

it.each(['1/1s', '20/15m,60/1h', '5/1h,7/1d', '1/90s'])('reads %s', (text) => {
  const { windows, grows } = settings({ LIMIT_PASSWORD_ATTEMPTS: text }).rate('password_attempts');
  expect(windowsText(windows)).toBe(text);
  expect(grows).toBe(true);
});

it.each(['0/1h', '20', '20/h', '20/0m', '20/15m,', '1/1s,1/1m,1/1h,1/1d', '1e3/1m', '-1/1m', 'off'])(
  'refuses %s in one line',
  (text) => {
    expect(() => settings({ LIMIT_PASSWORD_ATTEMPTS: text })).toThrow(
      new ConfigError('LIMIT_PASSWORD_ATTEMPTS must be one to three of attempts per time, such as 20/15m,60/1h'),
    );
  },
);

it('refuses a name it does not know', () => {
  expect(() => settings({ LIMIT_EVERYTHING: '1/1s' })).toThrow(
    new ConfigError('LIMIT_EVERYTHING is not a limit: docs/operations/limits.md lists them'),
  );
});

it.each([
  ['7', 7],
  ['999999999', 999_999_999],
])('reads the count %s', (text, count) => {
  expect(settings({ LIMIT_API_KEYS: text }).count('api_keys')).toBe(count);
});

it.each(['0', '-1', '1.5', '5/1h', 'none'])('refuses the count %s in one line', (text) => {
  expect(() => settings({ LIMIT_API_KEYS: text })).toThrow(
    new ConfigError('LIMIT_API_KEYS must be a whole number from 1 to 999999999'),
  );
});
