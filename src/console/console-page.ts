import { randomBytes } from 'node:crypto';
import { type BrandingValues, type SignInMethod, themeOf } from '../settings/index.js';
import { FILES_PATH } from './console-files.js';

/** What the document tells the console, so that the first paint needs no request. */
export interface ConsoleStart {
  operator: { slug: string; name: string };
  branding: BrandingValues;
  /** What the sign-in pages offer before they know who signs in. */
  signIn: {
    methods: SignInMethod[];
    selfRegistration: boolean;
    /** Whether users may create organizations. */
    createsOrganizations: boolean;
  };
  /** Whether the server is on this machine, so that sample data can be loaded. */
  takesSampleData: boolean;
  /** The path of BASE_URL without a slash at its end. */
  base: string;
}

export interface ConsolePage {
  html: string;
  /** Its Content-Security-Policy. */
  policy: string;
}

/** Mantine writes its variables into a style element, which needs the nonce. React sets `style` through the DOM. */
const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' https: data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Returns JSON that cannot end the script element around it. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** Returns an icon with the first letter of the name on the primary color. */
function letterIcon(branding: BrandingValues): string {
  const { primary, onPrimary } = themeOf(branding).base;
  const letter = escape([...branding.displayName.trim()][0]?.toUpperCase() ?? '');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${primary}"/><text x="16" y="23" font-family="system-ui,sans-serif" font-size="20" font-weight="700" text-anchor="middle" fill="${onPrimary}">${letter}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Fills the built document. `document` holds a placeholder `{{name}}` for each value. */
export function renderConsole(document: string, start: ConsoleStart): ConsolePage {
  const nonce = randomBytes(16).toString('base64');
  const { branding, base } = start;
  const values: Record<string, string> = {
    nonce,
    title: escape(branding.displayName),
    icon: escape(branding.iconUrl ?? letterIcon(branding)),
    scheme: themeOf(branding).scheme,
    start: inScript(start),
  };
  const html = document
    .replaceAll(`"${FILES_PATH}`, `"${escape(base)}${FILES_PATH}`)
    // In one pass, so that a value that looks like a placeholder stays text.
    .replace(/\{\{(\w+)\}\}/g, (placeholder, name: string) => values[name] ?? placeholder);
  return { html, policy: policyOf(nonce) };
}
