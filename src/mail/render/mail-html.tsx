import type { CSSProperties, ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { Palette } from '../../settings/index.js';
import type { MailContent } from '../templates/index.js';
import { footerOf, type MailTheme } from './mail-theme.js';
import { unlinked } from './unlinked.js';

const FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const DOCTYPE =
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">';
/** Follows the preview, because mail programs fill their list with as much text as fits. */
const FILLER = '\u200c\u00a0'.repeat(100);

const style = (size: number, color: string, more: CSSProperties = {}): CSSProperties => ({
  margin: 0,
  fontFamily: FONT,
  fontSize: size,
  lineHeight: 1.5,
  color,
  ...more,
});

/** For programs that support a dark color scheme. The others use the inline colors of the base theme. */
const darkStyle = ({ background, surround, border, text, muted, primary, onPrimary, primaryEdge }: Palette): string => `
@media (prefers-color-scheme: dark) {
.surround { background-color: ${surround} !important; }
.sheet { background-color: ${background} !important; border-color: ${border} !important; }
.text { color: ${text} !important; }
.muted { color: ${muted} !important; }
.quote { border-color: ${border} !important; }
.button, .button a { background-color: ${primary} !important; color: ${onPrimary} !important; }
.button { border-color: ${primaryEdge} !important; }
.logo-base { display: none !important; max-height: 0 !important; }
.logo-dark { display: block !important; max-height: 48px !important; }
}`;

/** Some mail programs lay out nothing but tables. */
const Table = ({ children, ...props }: { children: ReactNode; className?: string; style?: CSSProperties }) => (
  <table role="presentation" width="100%" cellPadding={0} cellSpacing={0} border={0} {...props}>
    <tbody>{children}</tbody>
  </table>
);

const Row = ({ children, padding }: { children: ReactNode; padding: string }) => (
  <tr>
    <td style={{ padding }}>{children}</td>
  </tr>
);

const logo = (src: string, name: string, className: string, more: CSSProperties = {}) => (
  <img
    src={src}
    alt={name}
    className={className}
    height={40}
    // Without it React adds a preload link to the head.
    loading="lazy"
    style={{
      display: 'block',
      height: 40,
      width: 'auto',
      maxWidth: '100%',
      border: 0,
      fontFamily: FONT,
      fontSize: 18,
      fontWeight: 600,
      ...more,
    }}
  />
);

function Masthead({ name, base, dark }: MailTheme) {
  const title = (
    <p className="text" style={style(18, base.text, { fontWeight: 600 })}>
      {unlinked(name)}
    </p>
  );
  if (!base.logoUrl) return title;
  const another = dark?.logoUrl && dark.logoUrl !== base.logoUrl ? dark.logoUrl : null;
  return (
    <>
      {logo(base.logoUrl, name, another ? 'text logo-base' : 'text', { color: base.text })}
      {another && logo(another, name, 'text logo-dark', { display: 'none', maxHeight: 0, color: base.text })}
    </>
  );
}

const Button = ({ label, link, palette }: { label: string; link: string; palette: Palette }) => (
  <table role="presentation" cellPadding={0} cellSpacing={0} border={0}>
    <tbody>
      <tr>
        <td
          className="button"
          style={{ borderRadius: 6, backgroundColor: palette.primary, border: `1px solid ${palette.primaryEdge}` }}
        >
          <a
            href={link}
            target="_blank"
            rel="noreferrer"
            style={style(16, palette.onPrimary, {
              display: 'inline-block',
              padding: '12px 24px',
              borderRadius: 6,
              backgroundColor: palette.primary,
              fontWeight: 600,
              textDecoration: 'none',
            })}
          >
            {label}
          </a>
        </td>
      </tr>
    </tbody>
  </table>
);

function Quote({ by, text, palette }: { by: string; text: string; palette: Palette }) {
  return (
    <Table>
      <tr>
        <td className="quote" style={{ borderLeft: `3px solid ${palette.border}`, padding: '0 0 0 16px' }}>
          <p className="muted" style={style(14, palette.muted, { paddingBottom: 4 })}>
            {unlinked(by)} writes:
          </p>
          <p className="text" style={style(16, palette.text, { whiteSpace: 'pre-line', overflowWrap: 'anywhere' })}>
            {unlinked(text)}
          </p>
        </td>
      </tr>
    </Table>
  );
}

function Sheet({ content, theme }: { content: MailContent; theme: MailTheme }) {
  const { base } = theme;
  const { title, text, quote, action, notes = [] } = content;
  return (
    <Table
      className="sheet"
      style={{ backgroundColor: base.background, border: `1px solid ${base.border}`, borderRadius: 8 }}
    >
      <Row padding="32px 32px 0">
        <Masthead {...theme} />
      </Row>
      <Row padding="24px 32px 0">
        <h1
          className="text"
          style={style(22, base.text, { lineHeight: 1.3, fontWeight: 600, overflowWrap: 'anywhere' })}
        >
          {unlinked(title)}
        </h1>
      </Row>
      {text.map((paragraph) => (
        <Row key={paragraph} padding="16px 32px 0">
          <p className="text" style={style(16, base.text, { overflowWrap: 'anywhere' })}>
            {unlinked(paragraph)}
          </p>
        </Row>
      ))}
      {quote && (
        <Row padding="16px 32px 0">
          <Quote {...quote} palette={base} />
        </Row>
      )}
      {action && (
        <Row padding="24px 32px 0">
          <Button {...action} palette={base} />
        </Row>
      )}
      {action && (
        <Row padding="16px 32px 0">
          <p className="muted" style={style(13, base.muted, { wordBreak: 'break-all' })}>
            {action.link}
          </p>
        </Row>
      )}
      {notes.map((note) => (
        <Row key={note} padding="16px 32px 0">
          <p className="muted" style={style(14, base.muted, { overflowWrap: 'anywhere' })}>
            {unlinked(note)}
          </p>
        </Row>
      ))}
      <Row padding="32px 0 0">{null}</Row>
    </Table>
  );
}

function Document({ content, theme }: { content: MailContent; theme: MailTheme }) {
  const { base, dark, scheme } = theme;
  return (
    <html lang="en" dir="ltr">
      <head>
        <meta httpEquiv="Content-Type" content="text/html; charset=UTF-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="x-apple-disable-message-reformatting" />
        <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no" />
        <meta name="color-scheme" content={scheme} />
        <meta name="supported-color-schemes" content={scheme} />
        <title>{unlinked(content.subject)}</title>
        <style>{`:root { color-scheme: ${scheme}; }${dark ? darkStyle(dark) : ''}`}</style>
      </head>
      <body className="surround" style={{ margin: 0, padding: 0, backgroundColor: base.surround }}>
        <div style={{ display: 'none', overflow: 'hidden', maxHeight: 0, maxWidth: 0, opacity: 0, lineHeight: '1px' }}>
          {unlinked(content.preview)}
          {FILLER}
        </div>
        <Table className="surround" style={{ backgroundColor: base.surround }}>
          <tr>
            <td align="center" style={{ padding: '32px 16px' }}>
              <table
                role="presentation"
                width="100%"
                cellPadding={0}
                cellSpacing={0}
                border={0}
                style={{ maxWidth: 560, textAlign: 'left' }}
              >
                <tbody>
                  <Row padding="0">
                    <Sheet content={content} theme={theme} />
                  </Row>
                  <Row padding="16px 32px 0">
                    <p className="muted" style={style(13, base.muted, { overflowWrap: 'anywhere' })}>
                      {unlinked(footerOf(theme).join(' '))}
                      {theme.unsubscribeLink && (
                        <>
                          {' '}
                          <a className="muted" href={theme.unsubscribeLink} style={{ color: base.muted }}>
                            Stop these emails
                          </a>
                        </>
                      )}
                    </p>
                  </Row>
                </tbody>
              </table>
            </td>
          </tr>
        </Table>
      </body>
    </html>
  );
}

/** Renders a mail as HTML. React escapes all text in it. */
export const mailHtml = (content: MailContent, theme: MailTheme): string =>
  `${DOCTYPE}${renderToStaticMarkup(<Document content={content} theme={theme} />)}`;
