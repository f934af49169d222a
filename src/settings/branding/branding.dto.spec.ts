import { AppError } from '../../common/errors/index.js';
import { ValidationPipe } from '../../http/index.js';
import { PatchBranding, PatchUnitBranding, ResetBrandingQuery } from './branding.dto.js';
import { toChange, toLocal, toValues } from './branding-shape.js';

const pipe = new ValidationPipe();

const body = (value: unknown, metatype: new () => object = PatchBranding) =>
  pipe.transform(value, { type: 'body', metatype, data: undefined }) as PatchBranding;

function refused(value: unknown, metatype?: new () => object): string[] {
  try {
    body(value, metatype);
  } catch (error) {
    if (error instanceof AppError) return (error.options.errors ?? []).map(({ field }) => field);
    throw error;
  }
  return [];
}

describe('a branding patch', () => {
  it('normalises colours', () => {
    const { set } = toChange(body({ primaryColor: ' #F0a ', dark: { textColor: '#ABCDEF' } }));
    expect(set).toEqual({ primaryColor: '#ff00aa', 'dark.textColor': '#abcdef' });
  });

  it('tells setting from resetting from leaving alone', () => {
    const change = toChange(
      body({
        displayName: 'Acme',
        logoUrl: null,
        dark: { logoUrl: null, primaryColor: '#fff' },
        locks: ['displayName'],
      }),
    );
    expect(change).toEqual({
      set: { displayName: 'Acme', 'dark.primaryColor': '#ffffff' },
      reset: ['logoUrl', 'dark.logoUrl'],
      locks: ['displayName'],
    });
    expect(toChange(body({}))).toEqual({ set: {}, reset: [], locks: undefined });
    expect(toChange(body(undefined))).toEqual({ set: {}, reset: [], locks: undefined });
  });

  it('resets the whole dark theme with one null', () => {
    const dark = ['dark.logoUrl', 'dark.primaryColor', 'dark.backgroundColor', 'dark.textColor'];
    expect(toChange(body({ dark: null })).reset).toEqual(dark);
  });

  it.each([
    [{ primaryColor: 'red' }, 'primaryColor'],
    [{ primaryColor: '#12345' }, 'primaryColor'],
    [{ primaryColor: '#1234567' }, 'primaryColor'],
    [{ primaryColor: '#fff\n#000' }, 'primaryColor'],
    [{ primaryColor: 123 }, 'primaryColor'],
    [{ primaryColor: ['#fff'] }, 'primaryColor'],
    [{ logoUrl: 'http://example.com/logo.png' }, 'logoUrl'],
    [{ logoUrl: 'javascript:alert(1)' }, 'logoUrl'],
    [{ logoUrl: 'uploaded:0198c000-0000-7000-8000-000000000000' }, 'logoUrl'],
    [{ logoUrl: 'https://user:password@example.com/logo.png' }, 'logoUrl'],
    [{ termsUrl: '//example.com' }, 'termsUrl'],
    [{ appUrl: 'javascript:alert(1)//https://x.example' }, 'appUrl'],
    [{ appUrl: 'http://app.example/' }, 'appUrl'],
    [{ appUrl: 'http://localhost.evil.example/' }, 'appUrl'],
    [{ appUrl: 'http://localhost@evil.example/' }, 'appUrl'],
    [{ appUrl: 'https://user:password@app.example/' }, 'appUrl'],
    [{ appUrl: 'https://bank.example@evil.example/' }, 'appUrl'],
    [{ appUrl: 'data:text/html,<p>' }, 'appUrl'],
    [{ appUrl: '//app.example/' }, 'appUrl'],
    [{ appUrl: '/console' }, 'appUrl'],
    [{ appUrl: 'https://' }, 'appUrl'],
    [{ appUrl: 'https:app.example' }, 'appUrl'],
    [{ appUrl: 'https://app.example/\n#' }, 'appUrl'],
    [{ appUrl: 'https://app.example/ x' }, 'appUrl'],
    [{ appUrl: `https://app.example/${'x'.repeat(2000)}` }, 'appUrl'],
    [{ appUrl: ['https://app.example/'] }, 'appUrl'],
    [{ themeMode: 'sepia' }, 'themeMode'],
    [{ supportEmail: 'not an address' }, 'supportEmail'],
    [{ supportEmail: 'a@b.example\r\nbcc: c@d.example' }, 'supportEmail'],
    [{ mailFromName: 'Acme\r\nBcc: all@example.com' }, 'mailFromName'],
    [{ displayName: '' }, 'displayName'],
    [{ displayName: 'x'.repeat(101) }, 'displayName'],
    [{ dark: [] }, 'dark'],
    [{ dark: [{ textColor: '#fff' }] }, 'dark'],
    [{ dark: 'black' }, 'dark'],
    [{ dark: { textColor: 'white' } }, 'dark.textColor'],
    [{ dark: { displayName: 'x' } }, 'dark.displayName'],
    [{ 'dark.textColor': '#fff' }, 'dark.textColor'],
    [{ unknown: 1 }, 'unknown'],
    [{ locks: ['unknown'] }, 'locks'],
    [{ locks: ['displayName', 'displayName'] }, 'locks'],
    [{ locks: 'displayName' }, 'locks'],
    [{ locks: null }, 'locks'],
  ])('refuses %j', (value, field) => expect(new Set(refused(value))).toEqual(new Set([field])));

  it.each([
    'https://app.example',
    'https://app.example:8443/start?tab=1#top',
    'https://bücher.example/',
    'http://localhost:3000/',
    'http://127.0.0.1:3000/app',
    'http://[::1]/',
  ])('takes %s as the address of the app', (appUrl) => {
    expect(toChange(body({ appUrl })).set).toEqual({ appUrl });
  });

  it('has no locks where there is nothing below', () => {
    expect(refused({ locks: [] }, PatchUnitBranding)).toEqual(['locks']);
  });
});

describe('the fields to reset', () => {
  const query = (fields?: unknown) => refused({ ...(fields !== undefined && { fields }) }, ResetBrandingQuery);

  it('are one or more known ones', () => {
    expect(query('logoUrl')).toEqual([]);
    expect(query('logoUrl,dark.textColor')).toEqual([]);
    for (const wrong of [undefined, '', ',', 'logoUrl,', 'logoUrl,nope', 'dark', 'locks', ['logoUrl']]) {
      expect(query(wrong)).toContain('fields');
    }
  });
});

describe('answers', () => {
  it('group the dark theme', () => {
    expect(toLocal({ displayName: 'Acme', 'dark.textColor': '#fff' })).toEqual({
      displayName: 'Acme',
      dark: { textColor: '#fff' },
    });
    expect(toLocal({ displayName: 'Acme' })).toEqual({ displayName: 'Acme' });
    expect(toValues({ 'dark.logoUrl': null } as Parameters<typeof toValues>[0])).toEqual({ dark: { logoUrl: null } });
  });
});
