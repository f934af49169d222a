import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Injectable, Logger } from '@nestjs/common';
import { commonErrors } from '../../common/errors/index.js';
import type { LogoImage } from './logo-image.js';
import { mailImage } from './mail-image.js';

const PROGRAM = fileURLToPath(new URL('./mail-image.process.js', import.meta.url));
const MAX_WAITING = 8;

/** Text looks the same on every server, also on those without fonts. */
const fontsConfig = (folder: string): string => {
  const fonts = path.dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'));
  const fallback = '<edit name="family" mode="append_last"><string>DejaVu Sans</string></edit>';
  return `<fontconfig><dir>${fonts}/ttf</dir><cachedir>${folder}</cachedir><match target="pattern">${fallback}</match></fontconfig>`;
};

/**
 * Makes the picture of a logo that mails show. SVGs of strangers are drawn in a process of their own, which can be killed, has
 * no environment and a low priority, and of which there is one at a time.
 */
@Injectable()
export class MailImageService {
  private readonly logger = new Logger('Branding');
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** Returns null for an SVG that cannot be drawn in time: mails then show the name. */
  async make({ contentType, bytes }: LogoImage): Promise<Buffer | null> {
    if (contentType !== 'image/svg+xml') return mailImage(bytes, false);
    if (this.waiting >= MAX_WAITING) throw commonErrors.unavailable();
    this.waiting++;
    const image = this.last
      .then(() => draw(bytes))
      .catch((error: unknown) => {
        this.logger.warn(`Mails show no logo, because the process that draws it did not run: ${String(error)}`);
        return null;
      })
      .finally(() => this.waiting--);
    this.last = image;
    return image;
  }
}

async function draw(svg: Buffer): Promise<Buffer | null> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'trellis-logo-'));
  try {
    const fonts = path.join(folder, 'fonts.conf');
    await writeFile(fonts, fontsConfig(folder));
    const stdio = ['pipe', 'pipe', 'ignore'] as const;
    const child = spawn(process.execPath, [PROGRAM], {
      cwd: folder,
      env: { FONTCONFIG_FILE: fonts },
      stdio: [...stdio],
    });
    // It may end before it has read everything.
    child.stdin.on('error', () => undefined).end(svg);
    const [png, [code]] = await Promise.all([buffer(child.stdout), once(child, 'close') as Promise<[number | null]>]);
    return code === 0 ? png : null;
  } finally {
    await rm(folder, { recursive: true });
  }
}
