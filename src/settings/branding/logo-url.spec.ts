import { logoName, logosInUse, parseLogoName, uploadedLogo, withLogoReferences, withLogoUrls } from './logo-url.js';

const ID = '0198c000-0000-7000-8000-000000000001';
const ORGANIZATION = '0198c000-0000-7000-8000-00000000000a';
const BASE = 'https://trellis.example';
const URL_OF_LOGO = `${BASE}/t/acme/api/v1/branding/logos/${ORGANIZATION}.${ID}`;

describe('names of logos', () => {
  it('tell who owns them', () => {
    expect(parseLogoName(ID)).toEqual({ id: ID });
    expect(parseLogoName(logoName({ organizationId: ORGANIZATION, id: ID }))).toEqual({
      organizationId: ORGANIZATION,
      id: ID,
    });
  });

  it.each(['', '.', 'x', `x.${ID}`, `${ID}.`, `.${ID}`, `${ID}.${ID}.${ID}`, `${ID}.png`, `${ID}/..`])(
    'are nothing else: %s',
    (name) => expect(parseLogoName(name)).toBeNull(),
  );
});

describe('stored logos', () => {
  const stored = {
    logoUrl: uploadedLogo({ organizationId: ORGANIZATION, id: ID }),
    iconUrl: 'https://example.com/i.png',
    displayName: 'uploaded:x',
  };

  it('are answered as URLs and understood when they come back', () => {
    const shown = withLogoUrls(stored, BASE, 'acme');
    expect(shown).toEqual({ ...stored, logoUrl: URL_OF_LOGO });
    expect(withLogoReferences(shown, BASE, 'acme')).toEqual(stored);
  });

  it('follow a change of address', () => {
    expect(withLogoUrls(stored, 'https://new.example', 'acme').logoUrl).toMatch(/^https:\/\/new\.example\/t\/acme\//);
  });

  it('leave links of others alone', () => {
    for (const logoUrl of [
      `${BASE}/t/other/api/v1/branding/logos/${ID}`,
      `${BASE}/t/acme/api/v1/branding/logos/x`,
      'https://example.com/x',
    ]) {
      expect(withLogoReferences({ logoUrl }, BASE, 'acme')).toEqual({ logoUrl });
    }
  });

  it('are in use where a field of their own level says so', () => {
    const place = { operatorId: ID, organizationId: ORGANIZATION };
    expect(logosInUse({ ...stored, 'dark.logoUrl': uploadedLogo({ id: ID }) }, place)).toEqual([ID]);
    expect(logosInUse({ iconUrl: null }, place)).toEqual([]);
  });
});
