import { createHash } from 'node:crypto';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

export interface HtmlDocument {
  title: string;
  /** The complete style sheet. */
  style: string;
  body: ReactNode;
}

export interface RenderedDocument {
  html: string;
  /** The source of the style sheet for `style-src` in a Content-Security-Policy. */
  styleSource: string;
}

/** Renders an HTML page that runs no scripts. React escapes all text in it. */
export function renderDocument({ title, style, body }: HtmlDocument): RenderedDocument {
  const document = (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        <style>{style}</style>
      </head>
      <body>{body}</body>
    </html>
  );
  return {
    html: `<!doctype html>${renderToStaticMarkup(document)}`,
    styleSource: `'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  };
}
