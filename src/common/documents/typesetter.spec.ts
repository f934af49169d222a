import { Typesetter } from './typesetter.js';

/** Records the drawn pieces from left to right. Each character is one point wide. */
function paper() {
  const pieces: string[] = [];
  const pdf = {
    registerFont: () => pdf,
    font: () => pdf,
    fontSize: () => pdf,
    fillColor: () => pdf,
    widthOfString: (text: string) => text.length,
    text: (text: string) => (pieces.push(text), pdf),
  };
  return { pieces, pdf: pdf as unknown as PDFKit.PDFDocument };
}

async function drawn(text: string, width = 1000): Promise<string[]> {
  const { pieces, pdf } = paper();
  const typesetter = await Typesetter.create(pdf, [text]);
  typesetter.draw(text, { x: 0, y: 0, width }, { size: 10 });
  return pieces;
}

it('sets right-to-left words from right to left, with numbers, Latin letters and brackets as they are read', async () => {
  expect(await drawn('شركة النور 2026 (ABC) المحدودة')).toEqual([
    'المحدودة',
    ' ',
    '(',
    'ABC',
    ')',
    ' ',
    '2026',
    ' ',
    'النور',
    ' ',
    'شركة',
  ]);
  expect(await drawn('Acme שלום עולם Ltd.')).toEqual(['Acme ', 'עולם', ' ', 'שלום', ' Ltd.']);
});

it('breaks lines at spaces, within words that are too long, and between words without spaces', async () => {
  expect(await drawn('one two three', 7)).toEqual(['one two', 'three']);
  expect(await drawn('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
  expect((await drawn('株式会社日本データ処理', 4)).every((line) => line.length <= 4)).toBe(true);
  expect(await drawn('one\ntwo')).toEqual(['one', 'two']);
});
