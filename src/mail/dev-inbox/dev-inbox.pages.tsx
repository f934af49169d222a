import type { ReactNode } from 'react';
import { renderDocument } from '../../common/html/index.js';
import type { InboxMail, InboxPage } from './dev-inbox.service.js';

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

/** For a mail in its frame: it has no origin, runs nothing and loads only images. */
export const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

export interface RenderedPage {
  html: string;
  /** Its Content-Security-Policy. */
  policy: string;
}

function render(title: string, body: ReactNode): RenderedPage {
  const { html, styleSource } = renderDocument({ title, style: STYLE, body });
  const policy = `default-src 'none'; style-src ${styleSource}; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, policy };
}

/** Turns addresses into links, because links in the frame cannot be followed. */
const linked = (text: string): ReactNode[] =>
  text.split(/(https?:\/\/[^\s<>"'\u200b]+)/).map((part, index) =>
    index % 2 === 1 ? (
      <a key={index} href={part} rel="noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  );

const Time = ({ iso }: { iso: string }) => <time>{iso.replace('T', ' ').replace('.000Z', ' UTC')}</time>;

/** Renders the list. Its links are relative to `/dev/mail`. */
export function listPage({ mails, next }: InboxPage): RenderedPage {
  return render(
    'Mail',
    <>
      <h1>Mail</h1>
      {mails.length === 0 && <p>No mail yet. Mails that this server sends appear here.</p>}
      <ol>
        {mails.map(({ id, subject, to, date }) => (
          <li key={id}>
            <a href={`mail/${id}`}>
              <strong>{subject}</strong> <Time iso={date} /> <span>{to}</span>
            </a>
          </li>
        ))}
      </ol>
      {next && (
        <p>
          <a href={`mail?before=${next}`}>Older</a>
        </p>
      )}
    </>,
  );
}

/** Renders one mail. Its links are relative to `/dev/mail/{id}`. */
export function mailPage({ id, subject, from, to, replyTo, date, text }: InboxMail): RenderedPage {
  return render(
    subject,
    <>
      <p>
        <a href="../mail">All mails</a>
      </p>
      <h1>{subject}</h1>
      <dl>
        <dt>From</dt>
        <dd>{from}</dd>
        <dt>To</dt>
        <dd>{to}</dd>
        {replyTo && (
          <>
            <dt>Reply to</dt>
            <dd>{replyTo}</dd>
          </>
        )}
        <dt>Date</dt>
        <dd>
          <Time iso={date} />
        </dd>
      </dl>
      <h2>Text</h2>
      <pre>{linked(text)}</pre>
      <h2>HTML</h2>
      <p>Links do not work in this frame. Use those in the text.</p>
      <iframe src={`${id}/html`} sandbox="" title="The mail as HTML" />
    </>,
  );
}
