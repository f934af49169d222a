import { sanitizeSvg } from './logo-svg.js';

const NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
const svg = (content: string, attributes = '') =>
  `<svg ${NAMESPACES} viewBox="0 0 10 10" ${attributes}>${content}</svg>`;
const sanitize = (text: string) => sanitizeSvg(Buffer.from(text));

describe('sanitizeSvg keeps', () => {
  it('what draws', async () => {
    const safe = await sanitize(
      svg(`<title>Acme</title><defs>
        <linearGradient id="a"><stop offset="0" stop-color="#f00"/></linearGradient>
        <linearGradient id="b" xlink:href="#a" gradientTransform="rotate(90)"/>
        <clipPath id="c"><rect width="5" height="5"/></clipPath>
        <filter id="f"><feGaussianBlur stdDeviation="1"/></filter></defs>
        <style>.x{fill:url(#b)}</style>
        <g class="x" clip-path="url(#c)" filter="url( '#f' )"><path d="M0 0h10v10z" fill="url(#b)" style="opacity:.5"/><text x="1">Ä &amp; B</text></g>`),
    );
    for (const kept of [
      'viewBox="0 0 10 10"',
      '<linearGradient id="b" xlink:href="#a"',
      'gradientTransform',
      '<clipPath id="c"',
      '<feGaussianBlur',
    ]) {
      expect(safe).toContain(kept);
    }
    for (const kept of [
      '.x{fill:url(#b)}',
      'fill="url(#b)"',
      'style="opacity:.5"',
      'Ä &amp; B',
      '<title>Acme</title>',
      'clip-path="url(#c)"',
      'filter="url( ',
    ]) {
      expect(safe).toContain(kept);
    }
    expect(safe).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  });

  it('style sheets in CDATA, as drawing programs write them', async () => {
    const safe = await sanitize(
      svg(
        '<style type="text/css"><![CDATA[.a{fill:#f00}]]></style><title><![CDATA[A & <B>]]></title><path class="a"/>',
      ),
    );
    expect(safe).toContain('.a{fill:#f00}');
    expect(safe).toContain('A &amp; &lt;B&gt;');
  });

  it('files with a declaration, a document type and comments, without those', async () => {
    const doctype =
      '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">';
    const safe = await sanitize(
      `\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- by hand -->\n${doctype}\n${svg('<!-- inside --><path d="M0 0"/>')}`,
    );
    expect(safe).toContain('<path d="M0 0"');
    expect(safe).not.toMatch(/<!|<\?/);
  });
});

describe('sanitizeSvg removes', () => {
  it.each([
    ['a script', '<script>alert(1)</script>'],
    ['a script with a prefix', '<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>'],
    ['an HTML script', '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>'],
    ['a script in capitals', '<SCRIPT>alert(1)</SCRIPT>'],
    ['a script beside a comment', '<desc><!--</desc><script>alert(1)</script>--><script>alert(1)</script></desc>'],
    [
      'a script in CDATA that opens again',
      '<desc><![CDATA[</desc><script>alert(1)</script>]]></desc><script>alert(1)</script>',
    ],
    ['a handler', '<path onclick="alert(1)" d="M0 0"/>'],
    ['a handler of another spelling', '<path oNLoad="alert(1)"/>'],
    [
      'foreign content',
      '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(1)"/></body></foreignObject>',
    ],
    ['an embedded page', '<iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example"/>'],
    ['a link', '<a xlink:href="javascript:alert(1)"><path d="M0 0"/></a>'],
    ['a link under another prefix', '<path xmlns:y="http://www.w3.org/1999/xlink" y:href="https://evil.example"/>'],
    ['an outside image', '<image href="https://evil.example/x.png"/>'],
    ['a data image', '<image xlink:href="data:image/svg+xml;base64,PHN2Zz4="/>'],
    ['an outside use', '<use href="https://evil.example/x.svg#y"/>'],
    ['an outside gradient', '<linearGradient xlink:href="https://evil.example/x.svg#y"/>'],
    [
      'an animated link',
      '<set attributeName="href" to="javascript:alert(1)"/><animate attributeName="href" values="javascript:alert(1)"/>',
    ],
    ['an outside paint', '<path fill="url(https://evil.example/x.svg#y)"/>'],
    ['an outside filter image', '<filter id="f"><feImage href="https://evil.example/x.png"/></filter>'],
    ['an outside style', '<path style="fill:url( \'https://evil.example/\' )"/>'],
    ['an escaped style', '<path style="fill:u\\72l(https://evil.example)"/>'],
    ['an imported style sheet', '<style>@import "https://evil.example/x.css";</style>'],
    ['an imported style sheet in CDATA', '<style><![CDATA[@import url(https://evil.example/x.css);]]></style>'],
    ['a style sheet with a font', '<style>@font-face{font-family:x;src:url(//evil.example/x)}</style>'],
    ['a style sheet in pieces', '<style>a{fill:ur<x/>l(https://evil.example)}</style>'],
    ['an image set', '<style>a{background:image-set("https://evil.example/x" 1x)}</style>'],
    ['a base', '<g xml:base="https://evil.example/"><path fill="url(#x)"/></g>'],
    ['an instruction', '<?xml-stylesheet href="https://evil.example/x.css"?>'],
    ['data attributes', '<path data-x="javascript:alert(1)"/>'],
  ])('%s', async (_, hostile) => {
    const safe = await sanitize(svg(`<rect width="1"/>${hostile}`));
    // Text may speak of scripts where it is only text, as `&lt;script&gt;`.
    expect(safe).not.toMatch(
      /evil|javascript:|<[^>]*script|<[^>]*\son\w+=|@import|foreignObject|<iframe|<image|<use|<set|<animate|<\?|data:/i,
    );
    expect(safe).toContain('<rect');
  });

  it('handlers and links of the root', async () => {
    const safe = await sanitize(
      svg('<rect/>', 'onload="alert(1)" xml:base="https://evil.example" href="https://evil.example"'),
    );
    expect(safe).not.toMatch(/alert|evil/);
  });
});

describe('sanitizeSvg refuses', () => {
  const entities = `<!DOCTYPE svg [<!ENTITY a "${'x'.repeat(1000)}">]>${svg('<text>&a;&a;</text>')}`;

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['HTML', '<!doctype html><html><body><svg></svg></body></html>'],
    [
      'HTML that is well-formed',
      '<html xmlns="http://www.w3.org/1999/xhtml"><svg xmlns="http://www.w3.org/2000/svg"/></html>',
    ],
    ['an SVG without its namespace', '<svg><path/></svg>'],
    ['a root called svg of another namespace', '<svg xmlns="urn:x"/>'],
    ['what is not well-formed', svg('<path>')],
    ['what is cut off', svg('<path/>').slice(0, -3)],
    ['two roots', svg('') + svg('')],
    ['entities', entities],
    ['a document type that hides markup', `<!DOCTYPE svg SYSTEM "<!--">${svg('')}<!-- -->`],
    ['unknown entities', svg('<text>&nbsp;</text>')],
    ['too many elements', svg('<g/>'.repeat(6000))],
    ['too many levels', svg('<g>'.repeat(100) + '</g>'.repeat(100))],
    ['too many attributes', svg(`<g ${Array.from({ length: 200 }, (_, i) => `a${i}=""`).join(' ')}/>`)],
  ])('%s', async (_, text) => expect(await sanitize(text)).toBeNull());

  it('other encodings', async () => {
    expect(await sanitizeSvg(Buffer.from(svg(''), 'utf16le'))).toBeNull();
    expect(await sanitizeSvg(Buffer.concat([Buffer.from(svg('<text>')), Buffer.from([0xff, 0xfe])]))).toBeNull();
  });

  it.each([
    ['open comments', '<svg ' + '<!--'.repeat(130_000)],
    ['open sections', '<svg ' + '<![CDATA['.repeat(58_000)],
    ['open instructions', '<svg ' + '<?'.repeat(260_000)],
    ['open quotes', '<svg ' + '<a "'.repeat(130_000)],
    ['open tags', '<svg ' + '<a '.repeat(170_000)],
    ['levels', `<svg ${NAMESPACES}>${'<g>'.repeat(170_000)}`],
    ['levels behind quoted ends', `<svg ${NAMESPACES}>${'<g a="/>">'.repeat(52_000)}`],
    ['attributes', `<svg ${NAMESPACES}><g ${'a '.repeat(250_000)}/></svg>`],
    [
      'empty attributes',
      `<svg ${NAMESPACES}><g ${Array.from({ length: 60_000 }, (_, i) => `a${i}=''`).join(' ')}/></svg>`,
    ],
  ])('512 KiB of %s, in time that grows with the length alone', async (_, text) => {
    const fastest = async (kib: number): Promise<number> => {
      const times: number[] = [];
      for (let tries = 0; tries < 3; tries++) {
        const start = performance.now();
        expect(await sanitize(text.slice(0, kib * 1024))).toBeNull();
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    await sanitize(svg(''));
    // Eight times as much text takes about eight times as long. If the time grew with the square, it would take 64 times.
    const short = await fastest(64);
    expect(await fastest(512)).toBeLessThan(24 * (short + 2));
  });
});
