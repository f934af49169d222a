import { getDocumentProxy } from 'unpdf';
import { documentPdf } from './document.js';

const NAME =
  'Änderungsschneiderei Müller & Łódź 🚀 株式会社日本データ処理 Departement für außerordentlich lange Namen und deren Überläufe';

const document = (rows: number) =>
  documentPdf({
    issuer: `${NAME} 👩‍💻`,
    color: '#1a7f37',
    title: 'Statement',
    facts: [
      ['Organization', NAME],
      ['Paid with', 'a card'],
    ],
    tables: [
      {
        head: ['Line', { number: 'Amount' }],
        widths: [60, 40],
        rows: Array.from({ length: rows }, (_, row) => [
          `gpu-${'x'.repeat(row === 5 ? 120 : 5)}`,
          { number: `${row}.5` },
        ]),
        foot: [['Closing', { number: '1000000000.123456' }]],
      },
    ],
    note: NAME.repeat(3),
  });

async function pagesOf(pdf: Buffer) {
  const proxy = await getDocumentProxy(new Uint8Array(pdf));
  return Promise.all(
    Array.from({ length: proxy.numPages }, async (_, index) => {
      const page = await proxy.getPage(index + 1);
      const { items } = await page.getTextContent();
      const pieces = items.flatMap((item) => ('str' in item && item.str.trim() !== '' ? [item] : []));
      const right = Math.max(...pieces.map(({ transform, width }) => Number(transform[4]) + width));
      return { text: pieces.map(({ str }) => str).join(' '), right, width: page.getViewport({ scale: 1 }).width };
    }),
  );
}

it('of more lines than a page has repeats the head and says which page it is', async () => {
  const pages = await pagesOf(await document(60));
  expect(pages).toHaveLength(2);
  for (const [index, { text }] of pages.entries()) {
    expect(text).toMatch(/Line\s+Amount/);
    expect(text).toContain(`Statement, page ${index + 1} of 2`);
  }
  expect(pages[0]?.text).toContain(' 0.5');
  expect(pages[1]?.text).toMatch(/ 59\.5\s+Closing\s+1000000000\.123456/);
});

it('keeps long names between its margins, and leaves out what cannot be drawn', async () => {
  const pages = await pagesOf(await document(10));
  expect(pages).toHaveLength(1);
  for (const { text, right, width } of pages) {
    expect(right).toBeLessThanOrEqual(width - 55);
    expect(text.replaceAll(' ', '')).toContain('ÄnderungsschneidereiMüller&Łódź株式会社日本データ処理Departement');
    expect(text).not.toMatch(/\p{Extended_Pictographic}|page 1/u);
  }
});

const names = [
  '한국전자 주식회사',
  '中国银行股份有限公司',
  'भारतीय स्टेट बैंक',
  'บริษัท ประเทศไทย',
  'বাংলাদেশ ব্যাংক',
  'የኢትዮጵያ ንግድ ባንክ',
];

const plain = (issuer: string) =>
  documentPdf({ issuer, title: 'Receipt', facts: [], tables: [], note: '', color: '#000000' });

/** Letters in no order, because vowel signs are drawn where they belong and not where they are read. */
const lettersOf = (text: string): string => [...text.normalize('NFKD').replaceAll(/\s/g, '')].toSorted().join('');

it.each(names)('embeds the letters of %s', async (issuer) => {
  const [page] = await pagesOf(await plain(issuer));
  expect(lettersOf(page?.text ?? '')).toBe(lettersOf(`${issuer}Receipt`));
});
