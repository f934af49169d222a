import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { AppError } from '../../common/errors/index.js';
import { MAX_LOGO_BYTES, safeLogo } from './logo-image.js';

const picture = (width = 8, height = 4) =>
  sharp({ create: { width, height, channels: 4, background: { r: 200, g: 10, b: 10, alpha: 0.5 } } });

async function refusal(bytes: Buffer): Promise<string> {
  try {
    await safeLogo(bytes);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** A PNG of one colour, made by hand so that it can claim any size. */
function png(width: number, height: number): Buffer {
  const crcOf = (bytes: Buffer): number => {
    let crc = ~0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
  };
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crcOf(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc(Math.min(height * (1 + Math.ceil(width / 8)), 64 * 1024 * 1024)));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

describe('safeLogo', () => {
  it.each(['png', 'jpeg', 'webp'] as const)(
    'encodes %s again, in its own format and without what is not picture',
    async (format) => {
      const exif = { IFD0: { Artist: 'a secret place' } };
      const original = await picture().withExif(exif).withMetadata({ orientation: 6 }).toFormat(format).toBuffer();
      expect((await sharp(original).metadata()).exif).toBeDefined();
      const { contentType, bytes } = await safeLogo(original);
      const { format: kept, exif: stripped, width, height } = await sharp(bytes).metadata();
      expect({ contentType, kept, stripped }).toEqual({
        contentType: `image/${format}`,
        kept: format,
        stripped: undefined,
      });
      // Turned as the camera said, since that was in what is gone.
      expect([width, height]).toEqual([4, 8]);
    },
  );

  it('drops what hides behind a picture', async () => {
    const original = Buffer.concat([await picture().png().toBuffer(), Buffer.from('<script>alert(1)</script>')]);
    expect((await safeLogo(original)).bytes.includes('script')).toBe(false);
  });

  it('scales down and never up', async () => {
    const large = await sharp((await safeLogo(await picture(3000, 1500).png().toBuffer())).bytes).metadata();
    expect([large.width, large.height]).toEqual([1024, 512]);
    const small = await sharp((await safeLogo(await picture(8, 4).png().toBuffer())).bytes).metadata();
    expect([small.width, small.height]).toEqual([8, 4]);
  });

  it('keeps the first frame of an animation', async () => {
    const frames = Buffer.alloc(8 * 8 * 3 * 3, 100);
    const animated = await sharp(frames, { raw: { width: 8, height: 24, channels: 3, pageHeight: 8 } })
      .webp({ loop: 0, delay: [50, 50, 50] })
      .toBuffer();
    const { pages, height } = await sharp((await safeLogo(animated)).bytes, { pages: -1 }).metadata();
    expect([pages ?? 1, height]).toEqual([1, 8]);
  });

  it('makes an SVG safe', async () => {
    const { contentType, bytes } = await safeLogo(
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script><path d="M0 0"/></svg>'),
    );
    expect(contentType).toBe('image/svg+xml');
    expect(bytes.toString()).toBe('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>');
  });

  it('refuses what is too large, to the byte', async () => {
    expect(await refusal(Buffer.alloc(MAX_LOGO_BYTES + 1))).toBe('branding.logo_too_large');
    expect(await refusal(Buffer.alloc(MAX_LOGO_BYTES))).toBe('branding.logo_invalid');
  });

  it('refuses what unfolds to too many pixels, at once', async () => {
    expect(await refusal(png(4096, 4096))).toBe('accepted');
    const bombs = [png(20_000, 20_000), png(0x7fffffff, 0x7fffffff)];
    for (const bomb of bombs) {
      expect(bomb.length).toBeLessThan(MAX_LOGO_BYTES);
      expect(await refusal(bomb)).toBe('branding.logo_invalid');
    }
  });

  it('refuses everything else', async () => {
    const gif = await picture().gif().toBuffer();
    const tiff = await picture().tiff().toBuffer();
    const whole = await sharp(Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251)), {
      raw: { width: 64, height: 64, channels: 3 },
    })
      .png()
      .toBuffer();
    const others = [
      Buffer.alloc(0),
      Buffer.from('hello'),
      Buffer.from('%PDF-1.7'),
      gif,
      tiff,
      whole.subarray(0, whole.length / 2),
      whole.subarray(0, 8),
    ];
    for (const bytes of others) expect(await refusal(bytes)).toBe('branding.logo_invalid');
  });
});
