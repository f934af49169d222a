import type { FastifyReply } from 'fastify';
import { renderDocument } from '../common/html/index.js';
import { PLAIN_THEME, type Theme } from '../settings/index.js';
import { type PageTheme, themeOfRequest } from './page-context.js';
import { pageStyle } from './page-style.js';

/** One page of the server. All of it is plain text. */
export interface Page {
  status: number;
  /** Replaces the theme of the operator in the path. */
  theme?: PageTheme;
  title: string;
  text: string;
  facts?: readonly (readonly [label: string, value: string])[];
  /** What to correct in the form. */
  problem?: string;
  form?: PageForm;
  /** `button`: the link looks like one, because it is what to do next. */
  link?: { href: string; label: string; button?: boolean };
  /** A URL outside this server that an answer to the form may redirect to. */
  redirectsTo?: string;
}

export interface PageForm {
  /** Relative to the page; the form is posted to the address of the page if undefined. */
  action?: string;
  hidden?: Record<string, string>;
  inputs?: readonly PageInput[];
  buttons: readonly PageButton[];
}

export interface PageInput {
  name: string;
  label: string;
  type: 'text' | 'password';
  maxLength: number;
  autoComplete: string;
}

export interface PageButton {
  label: string;
  /** What the form sends if this button is pressed. */
  sends?: { name: string; value: string };
  secondary?: boolean;
  /** Submits the form even if required inputs are empty. */
  skipsInputs?: boolean;
}

function Input({ label, ...input }: PageInput) {
  return (
    <p>
      <label>
        {label}
        <input {...input} required />
      </label>
    </p>
  );
}

function Form({ action, hidden = {}, inputs = [], buttons }: PageForm) {
  return (
    <form method="post" action={action}>
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {inputs.map((input) => (
        <Input key={input.name} {...input} />
      ))}
      {buttons.map(({ label, sends, secondary, skipsInputs }) => (
        <button
          key={label}
          type="submit"
          {...sends}
          className={secondary ? 'secondary' : undefined}
          formNoValidate={skipsInputs}
        >
          {label}
        </button>
      ))}
    </form>
  );
}

const Facts = ({ facts }: { facts: NonNullable<Page['facts']> }) => (
  <dl>
    {facts.flatMap(([label, value], index) => [
      <dt key={`label-${index}`}>{label}</dt>,
      <dd key={`value-${index}`}>{value}</dd>,
    ])}
  </dl>
);

/** Returns the logo of the base theme and that of the dark theme if it is another one. */
const logosOf = ({ base, dark }: Theme): [base: string | null, dark: string | null] => [
  base.logoUrl,
  dark?.logoUrl && dark.logoUrl !== base.logoUrl ? dark.logoUrl : null,
];

function Header({ theme }: { theme: PageTheme }) {
  const [logo, dark] = logosOf(theme);
  if (!logo) return <header>{theme.name}</header>;
  return (
    <header>
      <picture>
        {dark && <source media="(prefers-color-scheme: dark)" srcSet={dark} />}
        <img src={logo} alt={theme.name} />
      </picture>
    </header>
  );
}

/** Returns the policy source for one image. Characters that would end the directive or the list are percent-encoded. */
function imageSource(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/[;,']/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

/** Allows the one style sheet, the logos and forms to this server, and nothing else. */
function policyOf(styleSource: string, theme: Theme, redirectsTo: string | undefined): string {
  const images = logosOf(theme).flatMap((url) => (url ? [imageSource(url)] : []));
  return [
    "default-src 'none'",
    `style-src ${styleSource}`,
    ...(images.length > 0 ? [`img-src ${images.join(' ')}`] : []),
    "base-uri 'none'",
    `form-action 'self'${redirectsTo ? ` ${new URL(redirectsTo).origin}` : ''}`,
    "frame-ancestors 'none'",
  ].join('; ');
}

export interface RenderedPage {
  html: string;
  /** Its Content-Security-Policy. */
  policy: string;
}

export function renderPage({ theme, title, text, facts, problem, form, link, redirectsTo }: Page): RenderedPage {
  const body = (
    <main>
      {theme && <Header theme={theme} />}
      <h1>{title}</h1>
      <p>{text}</p>
      {facts && <Facts facts={facts} />}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {form && <Form {...form} />}
      {link && (
        <p>
          <a href={link.href} rel="noreferrer" className={link.button ? 'button' : undefined}>
            {link.label}
          </a>
        </p>
      )}
    </main>
  );
  const shown = theme ?? PLAIN_THEME;
  const fullTitle = theme ? `${title} – ${theme.name}` : title;
  const { html, styleSource } = renderDocument({ title: fullTitle, style: pageStyle(shown), body });
  return { html, policy: policyOf(styleSource, shown, redirectsTo) };
}

/** Sends a page in the theme of the operator, unless it has its own. */
export function sendPage(reply: FastifyReply, page: Page): void {
  const { html, policy } = renderPage({ theme: themeOfRequest(reply.request), ...page });
  void reply.code(page.status).header('content-security-policy', policy).type('text/html; charset=utf-8').send(html);
}
