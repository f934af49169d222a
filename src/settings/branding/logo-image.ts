import { brandingErrors } from './branding.errors.js';
import { sanitizeSvg } from './logo-svg.js';

export const MAX_LOGO_BYTES = 512 * 1024;

/** What a small file may unfold to. */
const MAX_PIXELS = 4096 * 4096;
/** Larger rasters are scaled down to this width and height. */
const MAX_SIDE = 1024;
const TIMEOUT_SECONDS = 5;

export interface LogoImage {
  contentType: string;
  bytes: Buffer;
}

type RasterFormat = 'png' | 'jpeg' | 'webp';

/** By the first bytes alone: the name and the type a client claims mean nothing. */
function rasterFormat(bytes: Buffer): RasterFormat | null {
  if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'png';
  if (bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) return 'jpeg';
  const webp =
    bytes.subarray(0, 4).toString('latin1') === 'RIFF' && bytes.subarray(8, 12).toString('latin1') === 'WEBP';
  return webp ? 'webp' : null;
}

/** Decodes and encodes again, the first frame only: what is served holds pixels and nothing else. */
async function reencode(bytes: Buffer, format: RasterFormat): Promise<Buffer> {
  // Loaded with the first upload: most servers never see one.
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  return sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error', pages: 1 })
    .autoOrient()
    .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
    .timeout({ seconds: TIMEOUT_SECONDS })
    .toFormat(format)
    .toBuffer();
}

/** An uploaded file made safe to serve to anybody. Throws branding.logo_too_large, branding.logo_invalid. */
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
