import { type TextStyle, Typesetter } from './typesetter.js';

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
  /** Rows with totals below the others. */
  foot?: readonly (readonly Cell[])[];
}

/** A block of lines under a label, such as the seller or the buyer. */
export interface DocumentParty {
  label: string;
  lines: readonly string[];
}

export interface DocumentContent {
  issuer: string;
  title: string;
  /** Shown side by side under the title. */
  parties?: readonly DocumentParty[];
  /** Shown under the title and the parties. */
  facts: readonly (readonly [label: string, value: string])[];
  tables: readonly DocumentTable[];
  /** Small print at the end. */
  note: string;
  /** Color of the line under the issuer, `#rrggbb`. */
  color: string;
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.number);

function* textsOf({ issuer, title, parties = [], facts, tables, note }: DocumentContent): Generator<string> {
  yield* [issuer, title, note];
  for (const { label, lines } of parties) yield* [label, ...lines];
  for (const fact of facts) yield* fact;
  for (const { head, rows, foot = [] } of tables) {
    for (const cells of [head, ...rows, ...foot]) yield* cells.map(textOf);
  }
}

/** Renders an A4 PDF. The same content always gives the same text. `createdAt` only sets the PDF metadata. */
export async function documentPdf(content: DocumentContent, createdAt = new Date()): Promise<Buffer> {
  // Loaded when used, because it takes a tenth of a start.
  const { default: Pdf } = await import('pdfkit');
  const pdf = new Pdf({
    size: 'A4',
    margin: MARGIN,
    // The typesetter registers all fonts.
    font: '',
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
  new Layout(pdf, await Typesetter.create(pdf, textsOf(content))).drawAll(content);
  pdf.end();
  return done;
}

const NORMAL: TextStyle = { size: SIZE };
const BOLD: TextStyle = { size: SIZE, bold: true };
const LABEL: TextStyle = { size: SIZE, color: GREY };
const SMALL: TextStyle = { size: 7.5, color: GREY };

/** Draws the parts of a document from top to bottom. */
class Layout {
  private y = MARGIN;
  private readonly width: number;

  constructor(
    private readonly pdf: PDFKit.PDFDocument,
    private readonly type: Typesetter,
  ) {
    // Text is placed by its own line breaks. Without this, text near the margin would start a new page.
    pdf.page.margins.bottom = 0;
    this.width = pdf.page.width - 2 * MARGIN;
  }

  drawAll({ issuer, title, color, parties = [], facts, tables, note }: DocumentContent): void {
    this.text(issuer, { size: 11, bold: true });
    this.rule(4, 2, color);
    this.y += 14;
    this.text(title, { size: 18, bold: true });
    this.y += 8;
    this.parties(parties);
    this.facts(facts);
    for (const table of tables) this.table(table);
    this.y += 18;
    this.breakPage(this.type.height(note, SMALL, this.width));
    this.text(note, SMALL);
    this.numberPages(title);
  }

  private text(text: string, style: TextStyle): void {
    this.y = this.type.draw(text, { x: MARGIN, y: this.y, width: this.width }, style);
  }

  private parties(parties: readonly DocumentParty[]): void {
    if (parties.length === 0) return;
    const width = this.width / parties.length;
    const ends = parties.map(({ label, lines }, index) => {
      const place = { x: MARGIN + index * width, y: this.y, width: width - 16 };
      const below = this.type.draw(label, place, LABEL);
      return this.type.draw(lines.join('\n'), { ...place, y: below }, NORMAL);
    });
    this.y = Math.max(...ends) + 14;
  }

  /** Draws labels in one column and values in another. */
  private facts(facts: DocumentContent['facts']): void {
    const widest = Math.max(0, ...facts.map(([label]) => this.type.widthOf(label, LABEL)));
    const labels = Math.min(widest + 14, this.width / 3);
    for (const [label, value] of facts) {
      const values = { x: MARGIN + labels, y: this.y, width: this.width - labels };
      const below = this.type.draw(label, { x: MARGIN, y: this.y, width: labels }, LABEL);
      this.y = Math.max(below, this.type.draw(value, values, NORMAL)) + 2;
    }
  }

  private table({ head, widths, rows, foot }: DocumentTable): void {
    const all = widths.reduce((sum, share) => sum + share, 0);
    const places = widths.map((share, index) => ({
      x: MARGIN + (this.width * widths.slice(0, index).reduce((sum, before) => sum + before, 0)) / all,
      width: (this.width * share) / all - 6,
    }));
    const draw = (cells: readonly Cell[], style: TextStyle): void => {
      const heights = cells.map((cell, index) => this.type.height(textOf(cell), style, places[index]?.width ?? 0));
      if (this.breakPage(Math.max(...heights)) && cells !== head) {
        draw(head, BOLD);
        this.rule(0, 0.5, GREY);
      }
      const y = this.y;
      const ends = cells.map((cell, index) => {
        const place = { ...(places[index] ?? { x: MARGIN, width: this.width }), y };
        return this.type.draw(textOf(cell), { ...place, align: typeof cell === 'string' ? 'left' : 'right' }, style);
      });
      this.y = Math.max(...ends) + 4;
    };
    this.y += 14;
    draw(head, BOLD);
    this.rule(0, 0.5, GREY);
    for (const row of rows) draw(row, NORMAL);
    for (const [index, row] of (foot ?? []).entries()) {
      if (index === 0) this.rule(0, 0.5, GREY);
      draw(row, BOLD);
    }
  }

  private rule(above: number, thickness: number, color: string): void {
    this.y += above;
    this.pdf
      .moveTo(MARGIN, this.y)
      .lineTo(MARGIN + this.width, this.y)
      .lineWidth(thickness)
      .strokeColor(color)
      .stroke();
    this.y += 4;
  }

  /** Starts a new page if a part of this height does not fit below. */
  private breakPage(height: number): boolean {
    if (this.y + height <= this.pdf.page.height - MARGIN) return false;
    this.pdf.addPage();
    this.pdf.page.margins.bottom = 0;
    this.y = MARGIN;
    return true;
  }

  /** Adds the title and page number to each page, if there are several. */
  private numberPages(title: string): void {
    const { count } = this.pdf.bufferedPageRange();
    if (count === 1) return;
    const y = this.pdf.page.height - MARGIN / 2 - SIZE;
    for (let index = 0; index < count; index++) {
      this.pdf.switchToPage(index);
      const text = `${title}, page ${index + 1} of ${count}`;
      this.type.draw(text, { x: MARGIN, y, width: this.width, align: 'right' }, SMALL);
    }
  }
}
