// `npm run screenshots`: starts the built product with sample data on a temporary folder, and takes pictures of its pages in
// light, in dark and on a phone into docs/screenshots/ (or `--to FOLDER`, and only `--only PAGE` of them).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { buildIfStale } from './build-if-stale.mjs';
import { findChromium } from './find-chromium.mjs';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { to: { type: 'string', default: path.join(PROJECT, 'docs/screenshots') }, only: { type: 'string' } },
});

const PASSWORD = 'a password for pictures';
/** Name of the picture, and the address below `/t/demo`. */
const PAGES = Object.entries({
  'sign-in': '/sign-in',
  organizations: '/organizations',
  'new-organization': '/organizations/new',
  overview: '/o/northwind',
  members: '/o/northwind/members',
  roles: '/o/northwind/roles',
  branding: '/o/northwind/branding',
  settings: '/o/northwind/settings',
  operator: '/operator',
  'account-security': '/account/security',
}).filter(([name]) => !values.only || name === values.only);
const DESKTOP = { width: 1280, height: 800 };
const VARIANTS = {
  light: { viewport: DESKTOP, colorScheme: 'light' },
  dark: { viewport: DESKTOP, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Starts the product and resolves to its origin when it is ready. */
async function startProduct(dataDir) {
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/main.js', '--demo'], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: String(port),
      METRICS_PORT: '0',
      DATA_DIR: dataDir,
      BOOTSTRAP_ADMIN_PASSWORD: PASSWORD,
    },
  });
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      process.stdout.write(text);
      if (String(text).includes('ready at')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the server stopped (${code})`)));
  });
  return { child, base: `http://localhost:${port}/t/demo` };
}

async function signIn(page, base) {
  await page.goto(`${base}/sign-in`);
  await page.getByLabel(/^Email/).fill('admin@demo.example');
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Organizations' }).waitFor();
}

async function take(page, name) {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  // Charts arrive after everything else.
  await page.waitForFunction(() => !document.querySelector('.mantine-Skeleton-root'));
  await sharp(await page.screenshot())
    .webp({ quality: 82 })
    .toFile(path.join(values.to, `${name}.webp`));
}

await buildIfStale({ console: true, say: console.error });
mkdirSync(values.to, { recursive: true });
const dataDir = mkdtempSync(path.join(os.tmpdir(), 'trellis-screenshots-'));
const { child, base } = await startProduct(dataDir);
const browser = await chromium.launch({
  executablePath: await findChromium(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
try {
  for (const [variant, options] of Object.entries(VARIANTS)) {
    const context = await browser.newContext({ ...options, reducedMotion: 'reduce', locale: 'en-US' });
    const page = await context.newPage();
    for (const [name, address] of PAGES) {
      if (address !== '/sign-in' && page.url().endsWith('/sign-in')) await signIn(page, base);
      else if (page.url() === 'about:blank' && address !== '/sign-in') await signIn(page, base);
      await page.goto(base + address);
      await take(page, `${name}-${variant}`);
      console.log(`${name}-${variant}`);
    }
    await context.close();
  }
} finally {
  await browser.close();
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(dataDir, { recursive: true, force: true });
}
