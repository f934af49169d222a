import { createRequire } from 'node:module';

const fonts = createRequire(import.meta.url);
/** Covers most alphabets. The standard PDF fonts cover Western Europe only. */
const REGULAR = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

const MARGIN = 56;
const SIZE = 9;
const GREY = '#555555';

/** A table cell. Numbers are right-aligned. */
type Cell = string | { number: string };

export interface DocumentTable {
  head: readonly Cell[];
  /** Relative widths of the columns. */
  widths: readonly number[];
  rows: readonly (readonly Cell[])[];
  /** Totals below the rows. */
  foot?: readonly Cell[];
}

export interface DocumentContent {
  issuer: string;
  title: string;
  /** Shown under the title. */
  facts: readonly (readonly [label: string, value: string])[];
  tables: readonly DocumentTable[];
  /** Small print at the end. */
  note: string;
  /** Color of the line under the issuer, `#rrggbb`. */
  color: string;
}

/** Emoji and their joiners, which the fonts do not contain. */
const PICTURES = /[\u{1f000}-\u{1faff}\u{e0020}-\u{e007f}]|\u200d|\ufe0f/gu;

/** South and East Asian letters, which the fonts do not contain. Each is printed as a box. */
const UNSUPPORTED = /[\u0900-\u0e7f\u2e80-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u{20000}-\u{3ffff}]/gu;

const printed = (text: string): string =>
  text.replace(PICTURES, '').replace(UNSUPPORTED, '□').replace(/ {2,}/g, ' ').trim();

const textOf = (cell: Cell): string => printed(typeof cell === 'string' ? cell : cell.number);

/** Renders an A4 PDF. The same content always gives the same text. `createdAt` only sets the PDF metadata. */
export async function documentPdf(content: DocumentContent, createdAt = new Date()): Promise<Buffer> {
  // Loaded when used, because it takes a tenth of a start.
  const { default: Pdf } = await import('pdfkit');
  const pdf = new Pdf({
    size: 'A4',
    margin: MARGIN,
    font: REGULAR,
    lang: 'en',
    tagged: true,
    bufferPages: true,
    displayTitle: true,
    info: { Title: content.title, Author: content.issuer, CreationDate: createdAt },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
  const width = pdf.page.width - 2 * MARGIN;
  pdf.font(BOLD).fontSize(11).text(printed(content.issuer), { width });
  pdf
    .moveDown(0.4)
    .moveTo(MARGIN, pdf.y)
    .lineTo(MARGIN + width, pdf.y)
    .lineWidth(2)
    .strokeColor(content.color)
    .stroke();
  pdf.moveDown(1.2).fontSize(18).fillColor('black').text(printed(content.title), { width });
  pdf.moveDown(0.6).fontSize(SIZE);
  drawFacts(pdf, content.facts, width);
  for (const table of content.tables) drawTable(pdf, table, width);
  pdf.moveDown(2).font(REGULAR).fontSize(7.5).fillColor(GREY).text(printed(content.note), MARGIN, pdf.y, { width });
  numberPages(pdf, content.title, width);
  pdf.end();
  return done;
}

/** Draws labels in one column and values in another. */
function drawFacts(pdf: PDFKit.PDFDocument, facts: DocumentContent['facts'], width: number): void {
  pdf.font(REGULAR);
  const labels = Math.min(Math.max(0, ...facts.map(([label]) => pdf.widthOfString(label))) + 14, width / 3);
  for (const [label, value] of facts) {
    const y = pdf.y;
    pdf.fillColor(GREY).text(label, MARGIN, y, { width: labels });
    const below = pdf.y;
    pdf.fillColor('black').text(printed(value), MARGIN + labels, y, { width: width - labels });
    pdf.x = MARGIN;
    pdf.y = Math.max(pdf.y, below) + 2;
  }
}

/** Adds the title and page number to each page, if there are several. */
function numberPages(pdf: PDFKit.PDFDocument, title: string, width: number): void {
  const { count } = pdf.bufferedPageRange();
  if (count === 1) return;
  for (let index = 0; index < count; index++) {
    pdf.switchToPage(index);
    // Without this, text below the margin would start a new page.
    pdf.page.margins.bottom = 0;
    const place = { width, align: 'right', lineBreak: false } as const;
    const y = pdf.page.height - MARGIN / 2 - SIZE;
    pdf.font(REGULAR).fontSize(7.5).fillColor(GREY);
    pdf.text(`${printed(title)}, page ${index + 1} of ${count}`, MARGIN, y, place);
  }
}

function drawTable(pdf: PDFKit.PDFDocument, { head, widths, rows, foot }: DocumentTable, width: number): void {
  const all = widths.reduce((sum, share) => sum + share, 0);
  const places = widths.map((_, index) => ({
    x: MARGIN + (width * widths.slice(0, index).reduce((sum, share) => sum + share, 0)) / all,
    width: (width * (widths[index] ?? 0)) / all - 6,
  }));
  const style = (bold: boolean) =>
    pdf
      .font(bold ? BOLD : REGULAR)
      .fontSize(SIZE)
      .fillColor('black');
  const line = (cells: readonly Cell[], bold: boolean): void => {
    style(bold);
    const height = Math.max(
      ...cells.map((cell, index) => pdf.heightOfString(textOf(cell), { width: places[index]?.width ?? width })),
    );
    if (pdf.y + height > pdf.page.height - MARGIN) {
      pdf.addPage();
      if (cells !== head) {
        line(head, true);
        rule();
        style(bold);
      }
    }
    const y = pdf.y;
    for (const [index, cell] of cells.entries()) {
      const place = places[index] ?? { x: MARGIN, width };
      const align = typeof cell === 'string' ? 'left' : 'right';
      pdf.text(textOf(cell), place.x, y, { width: place.width, align });
    }
    pdf.x = MARGIN;
    pdf.y = y + height + 5;
  };
  const rule = (): void => {
    pdf
      .moveTo(MARGIN, pdf.y - 2)
      .lineTo(MARGIN + width, pdf.y - 2)
      .lineWidth(0.5)
      .strokeColor(GREY)
      .stroke();
    pdf.y += 3;
  };
  pdf.moveDown(1.5);
  line(head, true);
  rule();
  for (const row of rows) line(row, false);
  if (foot) {
    rule();
    line(foot, true);
  }
}
