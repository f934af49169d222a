/** Twice the size that mails show, for sharp screens. */
const MAX_WIDTH = 992;
const MAX_HEIGHT = 80;
const MAX_PIXELS = 4096 * 4096;
const TIMEOUT_SECONDS = 5;
/** CSS pixels per inch, at which an SVG has the size that it names. */
const DENSITY = 72;
/** Limits of the library. */
const [MIN_DENSITY, MAX_DENSITY] = [1, 100_000];

/** Returns the density at which an SVG fills the image, so that it is sharp however small it says it is. */
const densityOf = ({ width = MAX_WIDTH, height = MAX_HEIGHT }: { width?: number; height?: number }): number =>
  Math.min(MAX_DENSITY, Math.max(MIN_DENSITY, DENSITY * Math.min(MAX_WIDTH / width, MAX_HEIGHT / height)));

/**
 * Returns a logo as a small PNG: many mail programs show neither SVG nor WebP. The SVG must be sanitized. It can still take
 * very long, so `MailImageService` calls this for SVGs in a process that can be killed.
 */
export async function mailImage(logo: Buffer, isSvg: boolean): Promise<Buffer> {
  // Loaded at the first upload, because most servers never need it.
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  const input = { limitInputPixels: MAX_PIXELS, failOn: 'error' } as const;
  const image = isSvg
    ? sharp(logo, { ...input, density: densityOf(await sharp(logo).metadata()) })
    : sharp(logo, input);
  return image
    .resize({ width: MAX_WIDTH, height: MAX_HEIGHT, fit: 'inside', withoutEnlargement: !isSvg })
    .timeout({ seconds: TIMEOUT_SECONDS })
    .png({ palette: true, compressionLevel: 9 })
    .toBuffer();
}
