import { createHash } from 'node:crypto';
import type { InboxMail, InboxPage } from './inbox.js';

const STYLE = `:root{color-scheme:light dark}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:2rem 1rem;overflow-wrap:anywhere}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 1rem}
h2{font-size:1rem;margin:2rem 0 .5rem}
ol{list-style:none;margin:0;padding:0}
li a{display:grid;grid-template-columns:1fr auto;gap:0 1rem;padding:.75rem .5rem;border-bottom:1px solid #8885;color:inherit;text-decoration:none}
li a:hover,li a:focus-visible{background:#8882}
li strong{grid-row:1}
li span{grid-row:2;grid-column:1/-1}
span,time,dt{opacity:.75;font-size:.9rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}
dd{margin:0}
iframe{width:100%;height:44rem;border:1px solid #8885;border-radius:.5rem;background:#fff}
pre{white-space:pre-wrap;font:.9rem/1.5 ui-monospace,monospace;padding:1rem;border:1px solid #8885;border-radius:.5rem}
@media (max-width:40rem){li a{grid-template-columns:1fr}li time{grid-row:3}li span{grid-row:2}}`;

/** Nothing is run; what is framed is a mail of this server, under the policy below. */
export const INBOX_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** For a mail as it is: a document of no origin that runs nothing and loads pictures alone. */
export const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

/** The links of a mail, which does not let itself be clicked in its frame. */
const linked = (text: string): string =>
  text
    .split(/(https?:\/\/[^\s<>"'\u200b]+)/)
    .map((part, index) =>
      index % 2 === 1 ? `<a href="${escape(part)}" rel="noreferrer">${escape(part)}</a>` : escape(part),
    )
    .join('');

const document = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;

const when = (iso: string): string => `<time>${escape(iso.replace('T', ' ').replace('.000Z', ' UTC'))}</time>`;

/** Addresses are relative to `/dev/mail`. */
export function listPage({ mails, next }: InboxPage): string {
  const items = mails.map(
    ({ id, subject, to, date }) =>
      `<li><a href="mail/${id}"><strong>${escape(subject)}</strong> ${when(date)} <span>${escape(to)}</span></a></li>`,
  );
  const list =
    items.length > 0 ? `<ol>\n${items.join('\n')}\n</ol>` : '<p>No mail yet. What this server sends appears here.</p>';
  const older = next ? `\n<p><a href="mail?before=${next}">Older</a></p>` : '';
  return document('Mail', `<h1>Mail</h1>\n${list}${older}`);
}

/** Addresses are relative to `/dev/mail/{id}`. */
export function mailPage({ id, subject, from, to, replyTo, date, text }: InboxMail): string {
  const facts = Object.entries({ From: from, To: to, 'Reply to': replyTo })
    .filter(([, value]) => value)
    .map(([name, value]) => `<dt>${name}</dt><dd>${escape(value)}</dd>`);
  return document(
    subject,
    `<p><a href="../mail">All mails</a></p>
<h1>${escape(subject)}</h1>
<dl>
${facts.join('\n')}
<dt>Date</dt><dd>${when(date)}</dd>
</dl>
<h2>Text</h2>
<pre>${linked(text)}</pre>
<h2>HTML</h2>
<p>Its links do not work here: follow those of the text.</p>
<iframe src="${id}/html" sandbox title="The mail as HTML"></iframe>`,
  );
}
