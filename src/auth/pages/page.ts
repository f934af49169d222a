import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;margin:0;color:#1a1a1a;background:#f5f5f5}
input:not([type=hidden]){font:inherit;width:100%;box-sizing:border-box;margin-top:.25rem;padding:.5rem;border:1px solid #767676;border-radius:.3rem}
main{max-width:28rem;margin:12vh auto;padding:2rem;background:#fff;border-radius:.5rem}
h1{font-size:1.35rem;margin:0 0 1rem}
button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.3rem;color:#fff;background:#1a5fb4;cursor:pointer}
button:focus-visible{outline:3px solid #1a1a1a;outline-offset:2px}
@media (prefers-color-scheme:dark){body{color:#eee;background:#1a1a1a}main{background:#2a2a2a}}`;

/** Nothing is loaded or run; the one style is named by its hash, and forms go to this server alone. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** A page for people who come from a mailed link; everything in it is plain text. */
export interface Page {
  status: number;
  /** Who speaks: the name of the operator, when it is known. */
  from?: string;
  title: string;
  text: string;
  /** One button; its fields, and a password if it asks for one, are posted to `action`, relative to the page. */
  form?: { action: string; fields: Record<string, string>; password?: string; button: string };
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

export const renderPage = ({ from, title, text, form }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escape(from ? `${title} – ${from}` : title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${from ? `<p>${escape(from)}</p>\n` : ''}<h1>${escape(title)}</h1>
<p>${escape(text)}</p>
${form ? formOf(form) : ''}</main>
</body>
</html>
`;

/** Answers with a page; what every answer carries, `no-store` among it, is set already. */
export function sendPage(reply: FastifyReply, page: Page): void {
  void reply
    .code(page.status)
    .header('content-security-policy', PAGE_POLICY)
    .type('text/html; charset=utf-8')
    .send(renderPage(page));
}
