import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { PLAIN_THEME, type Theme } from '../settings/index.js';
import { lookOfRequest, type PageLook } from './page-look.js';
import { pageStyle } from './page-style.js';

/** A page for people who come from a mailed link; everything in it is plain text. */
export interface Page {
  status: number;
  /** Who speaks, when the page has no look: the name of the operator. */
  from?: string;
  /** Another one than that of the operator in the path. */
  look?: PageLook;
  title: string;
  text: string;
  /** One button; its fields, and a password if it asks for one, are posted to `action`, relative to the page. */
  form?: { action: string; fields: Record<string, string>; password?: string; button: string };
  /** A form of the page's own, as HTML: no word of anybody stands in it. */
  ownForm?: string;
  /** What it is about, line by line. */
  facts?: readonly (readonly [label: string, value: string])[];
  /** Several buttons, each posting its name as `do`; the first is the one to press. */
  choices?: { action: string; fields?: Record<string, string>; buttons: readonly Choice[] };
  /** Leads away from here. */
  link?: { href: string; label: string };
  /** Where an answer to its form may send the browser on to, beside this server. */
  leadsTo?: string;
}

export interface Choice {
  name: string;
  label: string;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

const passwordInput = (label: string): string =>
  `<p><label>${escape(label)}<br><input name="password" type="password" maxlength="128" autocomplete="new-password" required></label></p>\n`;

function formOf({ action, fields, password, button }: NonNullable<Page['form']>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  );
  return `<form method="post" action="${escape(action)}">\n${inputs.join('\n')}\n${password ? passwordInput(password) : ''}<button type="submit">${escape(button)}</button>\n</form>\n`;
}

function choicesOf({ action, fields = {}, buttons }: NonNullable<Page['choices']>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">\n`,
  );
  const all = buttons.map(
    ({ name, label }, index) =>
      `<button type="submit" name="do" value="${escape(name)}"${index > 0 ? ' class="other"' : ''}>${escape(label)}</button>\n`,
  );
  return `<form method="post" action="${escape(action)}">\n${inputs.join('')}${all.join('')}</form>\n`;
}

const factsOf = (facts: NonNullable<Page['facts']>): string =>
  `<dl>\n${facts.map(([label, value]) => `<dt>${escape(label)}</dt><dd>${escape(value)}</dd>\n`).join('')}</dl>\n`;

const linkOf = ({ href, label }: NonNullable<Page['link']>): string =>
  `<p><a href="${escape(href)}" rel="noreferrer">${escape(label)}</a></p>\n`;

/** The logos of a theme, that of the dark one second. */
const logosOf = ({ base, dark }: Theme): [light: string | null, dark: string | null] => [
  base.logoUrl,
  dark?.logoUrl && dark.logoUrl !== base.logoUrl ? dark.logoUrl : null,
];

function header(name: string | undefined, theme: Theme): string {
  if (!name) return '';
  const [logo, dark] = logosOf(theme);
  if (!logo) return `<header>${escape(name)}</header>\n`;
  const source = dark ? `<source media="(prefers-color-scheme: dark)" srcset="${escape(dark)}">` : '';
  return `<header><picture>${source}<img src="${escape(logo)}" alt="${escape(name)}"></picture></header>\n`;
}

/** A URL as a source of the policy: that one image. What would end the directive or the list is written otherwise. */
function sourceOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/[;,']/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

/** Nothing is run, and nothing loaded but the logos; the one style is named by its hash; forms go to this server alone. */
function policyOf(style: string, theme: Theme, leadsTo?: string): string {
  const images = logosOf(theme).flatMap((url) => (url ? [sourceOf(url)] : []));
  return [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    ...(images.length > 0 ? [`img-src ${images.join(' ')}`] : []),
    "base-uri 'none'",
    `form-action 'self'${leadsTo ? ` ${leadsTo}` : ''}`,
    "frame-ancestors 'none'",
  ].join('; ');
}

export interface RenderedPage {
  html: string;
  /** Its Content-Security-Policy. */
  policy: string;
}

export function renderPage(page: Page): RenderedPage {
  const { from, look, title, text, facts, form, ownForm, choices, link, leadsTo } = page;
  const name = look?.name ?? from;
  const theme = look?.theme ?? PLAIN_THEME;
  const style = pageStyle(theme);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escape(name ? `${title} – ${name}` : title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${header(name, theme)}<h1>${escape(title)}</h1>
<p>${escape(text)}</p>
${facts ? factsOf(facts) : ''}${form ? formOf(form) : ''}${ownForm ?? ''}${choices ? choicesOf(choices) : ''}${link ? linkOf(link) : ''}</main>
</body>
</html>
`;
  return { html, policy: policyOf(style, theme, leadsTo && new URL(leadsTo).origin) };
}

/** Answers with a page; what every answer carries, `no-store` among it, is set already. */
export function sendPage(reply: FastifyReply, page: Page): void {
  const { html, policy } = renderPage({ look: lookOfRequest(reply.request), ...page });
  void reply.code(page.status).header('content-security-policy', policy).type('text/html; charset=utf-8').send(html);
}
