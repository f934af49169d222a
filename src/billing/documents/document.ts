import { createRequire } from 'node:module';
import Pdf from 'pdfkit';

const fonts = createRequire(import.meta.url);
/** With letters of most alphabets: the fonts every reader has know those of Western Europe only. */
const REGULAR = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

const MARGIN = 56;
const SIZE = 9;
const GREY = '#555555';

/** A cell, right-aligned where it is a number. */
type Cell = string | { number: string };

export interface DocumentTable {
  head: readonly Cell[];
  /** Shares of the width. */
  widths: readonly number[];
  rows: readonly (readonly Cell[])[];
  /** Set off below the rows. */
  foot?: readonly Cell[];
}

export interface DocumentContent {
  /** Who it is from. */
  issuer: string;
  title: string;
  /** Label and value, under the title. */
  facts: readonly (readonly [label: string, value: string])[];
  tables: readonly DocumentTable[];
  /** At the end, small. */
  note: string;
  /** `#rrggbb`, for the line under the issuer. */
  color: string;
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.number);

/** A page or more, A4, as PDF. The same content always gives the same text; `createdAt` is not looked at by anybody. */
export function documentPdf(content: DocumentContent, createdAt = new Date()): Promise<Buffer> {
  const pdf = new Pdf({
    size: 'A4',
    margin: MARGIN,
    font: REGULAR,
    lang: 'en',
    tagged: true,
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
  pdf.font(BOLD).fontSize(11).text(content.issuer, { width });
  pdf
    .moveDown(0.4)
    .moveTo(MARGIN, pdf.y)
    .lineTo(MARGIN + width, pdf.y)
    .lineWidth(2)
    .strokeColor(content.color)
    .stroke();
  pdf.moveDown(1.2).fontSize(18).fillColor('black').text(content.title, { width });
  pdf.moveDown(0.6).fontSize(SIZE);
  for (const [label, value] of content.facts) {
    pdf.font(REGULAR).fillColor(GREY).text(`${label}  `, { continued: true, width }).fillColor('black').text(value);
  }
  for (const table of content.tables) drawTable(pdf, table, width);
  pdf.moveDown(2).font(REGULAR).fontSize(7.5).fillColor(GREY).text(content.note, MARGIN, pdf.y, { width });
  pdf.end();
  return done;
}

function drawTable(pdf: PDFKit.PDFDocument, { head, widths, rows, foot }: DocumentTable, width: number): void {
  const all = widths.reduce((sum, share) => sum + share, 0);
  const places = widths.map((_, index) => ({
    x: MARGIN + (width * widths.slice(0, index).reduce((sum, share) => sum + share, 0)) / all,
    width: (width * (widths[index] ?? 0)) / all - 6,
  }));
  const line = (cells: readonly Cell[], bold: boolean): void => {
    pdf
      .font(bold ? BOLD : REGULAR)
      .fontSize(SIZE)
      .fillColor('black');
    const height = Math.max(
      ...cells.map((cell, index) => pdf.heightOfString(textOf(cell), { width: places[index]?.width ?? width })),
    );
    if (pdf.y + height > pdf.page.height - MARGIN) pdf.addPage();
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
