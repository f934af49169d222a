import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Bidi } from 'bidi-js';
import { BASE_BOLD, BASE_REGULAR, fontFileOf, pathOf } from './font-catalog.js';

// The package exports the function itself, unlike its types.
const bidi = (createRequire(import.meta.url)('bidi-js') as () => Bidi)();
const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });
const words = new Intl.Segmenter('en', { granularity: 'word' });

/** Emoji and their joiners, which the fonts do not contain. */
const PICTURES = /[\u{1f000}-\u{1faff}\u{e0020}-\u{e007f}\u2600-\u27bf](?:\ufe0f|\u200d)*|\ufe0f/gu;
/** Writing systems without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const WEIGHTS = { regular: 400, bold: 700 } as const;
/** Real names need a few. Characters that would need more are drawn as the base font draws unknown ones. */
const MAX_FILES = 40;
const LINE_HEIGHT = 1.35;
/** The distance from the top of a line to the baseline, in font sizes. */
const ASCENT = 1;

export interface TextStyle {
  size: number;
  bold?: boolean;
  color?: string;
}

interface Run {
  font: string;
  text: string;
}

type Line = readonly (Run & { width: number })[];

/**
 * Sets text in any writing system: picks a font for each character, breaks lines, and orders right-to-left words. pdfkit does
 * all this for one font only.
 */
export class Typesetter {
  /** The font files of characters that the base font lacks. */
  private readonly files = new Map<string, string>();
  /** Broken texts. Each is measured before it is drawn, and labels repeat. */
  private readonly lines = new Map<string, Line[]>();

  private constructor(private readonly pdf: PDFKit.PDFDocument) {
    pdf.registerFont('/regular', BASE_REGULAR).registerFont('/bold', BASE_BOLD);
  }

  /** Embeds those parts of the fonts that the texts need. Only these texts can be drawn. */
  static async create(pdf: PDFKit.PDFDocument, texts: Iterable<string>): Promise<Typesetter> {
    const typesetter = new Typesetter(pdf);
    const embedded = new Set<string>();
    for (const text of new Set(texts)) {
      for (const { segment } of characters.segment(text)) {
        const file = typesetter.files.has(segment) ? null : fontFileOf(segment, text);
        if (file === null || (embedded.size >= MAX_FILES && !embedded.has(file))) continue;
        embedded.add(file);
        typesetter.files.set(segment, file);
      }
    }
    if (typesetter.files.size > 0) await embed(pdf, typesetter.files);
    return typesetter;
  }

  height(text: string, style: TextStyle, width: number): number {
    return this.linesOf(text, style, width).length * style.size * LINE_HEIGHT;
  }

  /** Draws a text and returns the y of its end. */
  draw(
    text: string,
    { x, y, width, align = 'left' }: { x: number; y: number; width: number; align?: 'left' | 'right' },
    style: TextStyle,
  ): number {
    let baseline = y + style.size * ASCENT;
    this.pdf.fillColor(style.color ?? 'black');
    for (const line of this.linesOf(text, style, width)) {
      const used = line.reduce((sum, run) => sum + run.width, 0);
      let at = align === 'right' ? x + width - used : x;
      for (const run of line) {
        this.pdf
          .font(run.font)
          .fontSize(style.size)
          .text(run.text, at, baseline, { lineBreak: false, baseline: 'alphabetic' });
        at += run.width;
      }
      baseline += style.size * LINE_HEIGHT;
    }
    return baseline - style.size * ASCENT;
  }

  widthOf(text: string, style: TextStyle): number {
    return this.measure(this.runsOf(printable(text), style), style);
  }

  private linesOf(text: string, style: TextStyle, width: number): Line[] {
    const key = `${style.size} ${style.bold} ${width} ${text}`;
    const known = this.lines.get(key);
    if (known) return known;
    const lines = text
      .split('\n')
      .flatMap((paragraph) => this.breakLines(printable(paragraph), style, width))
      .map((line) => this.ordered(line, style).map((run) => ({ ...run, width: this.measure([run], style) })));
    this.lines.set(key, lines);
    return lines;
  }

  private breakLines(text: string, style: TextStyle, width: number): string[] {
    const lines: string[] = [];
    let line = '';
    const fits = (part: string) => this.measure(this.runsOf(part.trimEnd(), style), style) <= width;
    for (const unit of unitsOf(text)) {
      if (fits(line + unit)) {
        line += unit;
        continue;
      }
      if (line !== '') lines.push(line.trimEnd());
      line = '';
      for (const { segment } of characters.segment(unit)) {
        if (line !== '' && !fits(line + segment)) {
          lines.push(line);
          line = '';
        }
        line += segment;
      }
    }
    return [...lines, line.trimEnd()];
  }

  /** Splits text where the font changes. */
  private runsOf(text: string, style: TextStyle): Run[] {
    const weight = style.bold ? 'bold' : 'regular';
    const runs: Run[] = [];
    for (const { segment } of characters.segment(text)) {
      const font = `${this.files.get(segment) ?? ''}/${weight}`;
      const last = runs.at(-1);
      if (last?.font === font) last.text += segment;
      else runs.push({ font, text: segment });
    }
    return runs;
  }

  /** Splits a line into runs from left to right as they are read on paper. */
  private ordered(line: string, style: TextStyle): Run[] {
    const { levels } = bidi.getEmbeddingLevels(line);
    if (levels.every((level) => level === 0)) return this.runsOf(line, style);
    const parts: { text: string; level: number }[] = [];
    for (let index = 0; index < line.length; index++) {
      const level = levels[index] ?? 0;
      const character = bidi.getMirroredCharacter(line[index] ?? '') ?? line[index] ?? '';
      const text = level % 2 === 1 ? character : (line[index] ?? '');
      const last = parts.at(-1);
      // pdfkit sets the words of a run from left to right, so each right-to-left word is a run of its own.
      const sameWord = level % 2 === 0 || (text !== ' ' && last?.text !== ' ');
      if (last?.level === level && sameWord) last.text += text;
      else parts.push({ text, level });
    }
    for (let level = Math.max(...levels); level > 0; level--) reverseFrom(parts, level);
    return parts.flatMap(({ text }) => this.runsOf(text, style));
  }

  private measure(runs: readonly Run[], { size }: TextStyle): number {
    return runs.reduce((sum, { font, text }) => sum + this.pdf.font(font).fontSize(size).widthOfString(text), 0);
  }
}

/** Removes what no font draws. */
const printable = (text: string): string =>
  text
    .replace(PICTURES, '')
    .replace(/[\s\u00a0]+/gu, ' ')
    .trim();

/** Splits text where a line may end, after spaces and between words of unspaced writing systems. */
function unitsOf(text: string): string[] {
  return (text.match(/\S+\s*/gu) ?? []).flatMap((chunk) =>
    UNSPACED.test(chunk) ? [...words.segment(chunk)].map(({ segment }) => segment) : [chunk],
  );
}

/** Reverses each sequence of parts at this level or above (Unicode Bidirectional Algorithm, rule L2). */
function reverseFrom(parts: { level: number }[], level: number): void {
  for (let start = 0; start < parts.length; start++) {
    let end = start;
    while (end < parts.length && (parts[end]?.level ?? 0) >= level) end++;
    if (end > start + 1) parts.splice(start, end - start, ...parts.slice(start, end).toReversed());
    start = Math.max(start, end);
  }
}

async function embed(pdf: PDFKit.PDFDocument, files: ReadonlyMap<string, string>): Promise<void> {
  // Loaded when used, because most documents need the base font only.
  const { default: subsetFont } = await import('subset-font');
  const textByFile = new Map<string, string>();
  for (const [character, file] of files) textByFile.set(file, (textByFile.get(file) ?? ' ') + character);
  for (const [file, text] of textByFile) {
    const font = await readFile(pathOf(file));
    for (const [weight, wght] of Object.entries(WEIGHTS)) {
      const part = await subsetFont(font, text, { targetFormat: 'sfnt', variationAxes: { wght } });
      pdf.registerFont(`${file}/${weight}`, part);
    }
  }
}
