import { brandingErrors } from './branding.errors.js';
import { sanitizeSvg } from './logo-svg.js';

export const MAX_LOGO_BYTES = 512 * 1024;

/** Limit after decompression. */
const MAX_PIXELS = 4096 * 4096;
/** Larger rasters are scaled down to this width and height. */
const MAX_SIDE = 1024;
const TIMEOUT_SECONDS = 5;

export interface LogoImage {
  contentType: string;
  bytes: Buffer;
}

type RasterFormat = 'png' | 'jpeg' | 'webp';

/** Detects the format by the first bytes, because the declared name and type are not trusted. */
function rasterFormat(bytes: Buffer): RasterFormat | null {
  if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'png';
  if (bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) return 'jpeg';
  const webp =
    bytes.subarray(0, 4).toString('latin1') === 'RIFF' && bytes.subarray(8, 12).toString('latin1') === 'WEBP';
  return webp ? 'webp' : null;
}

/** Decodes and encodes the first frame again, so that the served file contains only pixels. */
async function reencode(bytes: Buffer, format: RasterFormat): Promise<Buffer> {
  // Loaded at the first upload, because most servers never need it.
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  return sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error', pages: 1 })
    .autoOrient()
    .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
    .timeout({ seconds: TIMEOUT_SECONDS })
    .toFormat(format)
    .toBuffer();
}

/** Makes an uploaded file safe to serve publicly. Throws branding.logo_too_large and branding.logo_invalid. */
export async function safeLogo(
  bytes: Buffer,
  sanitize: (svg: Buffer) => Promise<string | null> = sanitizeSvg,
): Promise<LogoImage> {
  if (bytes.length > MAX_LOGO_BYTES) throw brandingErrors.logo_too_large();
  const format = rasterFormat(bytes);
  if (!format) {
    const svg = await sanitize(bytes);
    if (svg === null) throw brandingErrors.logo_invalid();
    return { contentType: 'image/svg+xml', bytes: Buffer.from(svg) };
  }
  const safe = await reencode(bytes, format).catch(() => {
    throw brandingErrors.logo_invalid();
  });
  return { contentType: `image/${format}`, bytes: safe };
}
