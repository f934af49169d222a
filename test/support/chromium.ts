import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/find-chromium.mjs';
import { freePort } from '../startup/server-process.js';
import { PASSWORD } from './people.js';
import { ADMIN, startTestApp, type TestApp } from './test-app.js';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--font-render-hinting=none',
  '--no-first-run',
  // A tab of its own process compiles the whole console again, which takes more time than anything that tests do in it.
  '--process-per-site',
];
/** What axe finds out from colors alone. */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Long enough for a machine that runs several browsers at once. */
const TIMEOUT_MS = 20_000;
/** The console asks for a session only where it remembers a sign-in. */
const SIGNED_IN_HINT = 'trellis-session-/t/demo-started';
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** A page, and everything that happened in it that no user would see. */
export interface Tab extends Page {
  /** Allows console errors and failed requests that match until the end of the test, which causes them on purpose. */
  expecting(pattern: RegExp): void;
}

/** The console in a real browser. */
export interface ConsoleApp extends TestApp {
  /** `http://localhost:…/t/demo` */
  console: string;
  /** Another browser profile: without the cookies of the others. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Another browser profile, in which a user is signed in already: quicker than the sign-in page. */
  signedIn(user?: { email: string; password?: string }, options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Opens an address in a tab as another user: quicker than another browser profile. */
  openAs(tab: Tab, user: { email: string; password?: string }, address: string): Promise<void>;
  open(context: BrowserContext, address?: string): Promise<Tab>;
  /** Goes to an address within the console, as a link does: quicker than loading the page again. */
  go(tab: Tab, address: string): Promise<void>;
  /** Fails if anything went wrong in any tab since the last call. Run it after each test. */
  assertQuiet(): void;
}

/** Starts the application at an address that a browser can open, and a browser. */
export async function startConsole(env: Record<string, string> = {}): Promise<ConsoleApp> {
  const port = await freePort();
  // Cookies and passkeys go by the address, and browsers trust localhost like https.
  const base = `http://localhost:${port}`;
  const app = await startTestApp({ PORT: String(port), BASE_URL: base, ...env });
  const browser: Browser = await chromium.launch({ executablePath: await findChromium(), args: ARGS });
  const troubles: string[] = [];
  const expected: RegExp[] = [];
  const console = `${base}/t/demo`;
  const newContext = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
    const context = await browser.newContext({
      locale: 'en-US',
      timezoneId: 'UTC',
      viewport: DESKTOP,
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(TIMEOUT_MS);
    return context;
  };
  const signInTo = async (
    context: BrowserContext,
    { email, password = PASSWORD }: { email: string; password?: string },
  ) => {
    const answer = await context.request.post(`${console}/api/v1/auth/login`, {
      data: { email, password },
      headers: { origin: base, 'trellis-session': 'cookie' },
    });
    if (!answer.ok()) throw new Error(`sign-in of ${email} gave ${answer.status()}`);
  };
  return {
    ...app,
    console,
    context: newContext,
    async openAs(tab, user, address) {
      await signInTo(tab.context(), user);
      await tab.evaluate((name) => localStorage.setItem(name, 'yes'), SIGNED_IN_HINT);
      await tab.goto(console + address);
    },
    async signedIn(user = ADMIN, options = {}) {
      const localStorage = [{ name: SIGNED_IN_HINT, value: 'yes' }];
      const context = await newContext({
        storageState: { cookies: [], origins: [{ origin: base, localStorage }] },
        ...options,
      });
      await signInTo(context, user);
      return context;
    },
    async open(context, address = '/') {
      const page = await context.newPage();
      const tab = watch(page, troubles, expected);
      await tab.goto(console + address);
      return tab;
    },
    async go(tab, address) {
      await tab.evaluate((to) => history.pushState({}, '', to), new URL(console).pathname + address);
    },
    assertQuiet() {
      expected.length = 0;
      expect(troubles.splice(0)).toEqual([]);
    },
    async close() {
      await browser.close();
      await app.close();
    },
  };
}

/** Collects script errors, refusals of the policy, warnings and failed requests. */
function watch(page: Page, troubles: string[], expected: RegExp[]): Tab {
  const note = (text: string) => {
    if (!expected.some((pattern) => pattern.test(text))) troubles.push(text);
  };
  page.on('pageerror', (error) => note(`error: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) note(`${message.type()}: ${message.text()}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // A navigation or the next letter of a search makes an answer useless.
    if (reason !== 'net::ERR_ABORTED') note(`failed: ${request.method()} ${request.url()} ${reason}`);
  });
  return Object.assign(page, { expecting: (pattern: RegExp) => void expected.push(pattern) });
}

/** Fills the sign-in form that is on the page or in its dialog. */
export async function fillSignIn(page: Page, { email, password } = ADMIN): Promise<void> {
  const field = page.getByLabel('Email');
  if (await field.isEditable()) await field.fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/**
 * Returns the serious faults that axe finds, by all rules or by some. It runs through the debugger, so that the policy of the
 * page stays in force.
 */
export async function accessibilityFaults(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const options = JSON.stringify({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${options})`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes
        .slice(0, 3)
        .map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary?.split('\n')[1]?.trim()}`),
    );
}

/** Returns the serious faults of the page in light, in dark and on a phone, where it must not scroll sideways. */
export async function faultsEverywhere(page: Page): Promise<string[]> {
  const faults: string[] = [];
  const look = async (how: string, rules?: string[]) =>
    faults.push(...(await accessibilityFaults(page, rules)).map((fault) => `${how}: ${fault}`));
  await look('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look('dark', COLOR_RULES);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(PHONE);
  await look('phone');
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > PHONE.width) faults.push(`phone: ${width} pixels wide`);
  await page.setViewportSize(DESKTOP);
  return faults;
}

/** The folder that the build fills. */
export const SITE = path.resolve(import.meta.dirname, '../../console/dist/site');
