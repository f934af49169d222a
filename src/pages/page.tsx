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
  /** What someone wrote to the user. */
  quote?: { by: string; text: string };
  facts?: readonly (readonly [label: string, value: string])[];
  /** What to correct in the form. */
  problem?: string;
  /** The name of the input to correct, where it is one. */
  problemAt?: string;
  form?: PageForm;
  /** `button`: the link looks like one, because it is what to do next. `host`: where it leads, if it leaves this server. */
  link?: { href: string; label: string; button?: boolean; host?: string };
  /** A URL outside this server that an answer to the form may redirect to. */
  redirectsTo?: string;
  /** The form is sent to another server, which may redirect to others again. */
  leaves?: boolean;
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
  /** What the user typed before. Never a password. */
  value?: string;
}

export interface PageButton {
  label: string;
  /** What the form sends if this button is pressed. */
  sends?: { name: string; value: string };
  secondary?: boolean;
  /** Submits the form even if required inputs are empty. */
  skipsInputs?: boolean;
}

const PROBLEM_ID = 'problem';

const Problem = ({ text }: { text: string }) => (
  <p className="problem" role="alert" id={PROBLEM_ID}>
    {text}
  </p>
);

/** An input, with what is wrong with it below. */
function Input({ label, value, problem, ...input }: PageInput & { problem?: string | undefined }) {
  const marks = problem === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': PROBLEM_ID, autoFocus: true };
  return (
    <>
      <p>
        <label>
          {label}
          <input {...input} defaultValue={value} required {...marks} />
        </label>
      </p>
      {problem !== undefined && <Problem text={problem} />}
    </>
  );
}

function Form({
  action,
  hidden = {},
  inputs = [],
  buttons,
  problem,
  problemAt,
}: PageForm & Pick<Page, 'problem' | 'problemAt'>) {
  return (
    <form method="post" action={action}>
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {inputs.map((input) => (
        <Input key={input.name} {...input} problem={input.name === problemAt ? problem : undefined} />
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

/** Where a form to another server may lead, which may redirect to others again. Without TLS, that server alone. */
function targetsOf({ action = '' }: PageForm): string {
  const { protocol, origin } = new URL(action);
  return protocol === 'https:' ? ' https:' : ` https: ${origin}`;
}

/** Allows the one style sheet, the logos and forms to this server or where the page says, and nothing else. */
function policyOf(styleSource: string, theme: Theme, { redirectsTo, leaves, form }: Page): string {
  const images = logosOf(theme).flatMap((url) => (url ? [imageSource(url)] : []));
  return [
    "default-src 'none'",
    `style-src ${styleSource}`,
    ...(images.length > 0 ? [`img-src ${images.join(' ')}`] : []),
    "base-uri 'none'",
    `form-action 'self'${redirectsTo ? ` ${new URL(redirectsTo).origin}` : ''}${leaves && form ? targetsOf(form) : ''}`,
    "frame-ancestors 'none'",
  ].join('; ');
}

export interface RenderedPage {
  html: string;
  /** Its Content-Security-Policy. */
  policy: string;
}

export function renderPage(page: Page): RenderedPage {
  const { theme, title, text, quote, facts, problem, problemAt, form, link } = page;
  const isBesideInput = form?.inputs?.some(({ name }) => name === problemAt) ?? false;
  const body = (
    <main>
      {theme && <Header theme={theme} />}
      <h1>{title}</h1>
      <p>{text}</p>
      {quote && (
        <blockquote>
          <p>{quote.text}</p>
          <footer>{quote.by}</footer>
        </blockquote>
      )}
      {facts && <Facts facts={facts} />}
      {link && (
        <p>
          <a href={link.href} rel="noreferrer" className={link.button ? 'button' : undefined}>
            {link.label}
          </a>
          {link.host !== undefined && <small>{link.host}</small>}
        </p>
      )}
      {problem && !isBesideInput && <Problem text={problem} />}
      {form && <Form {...form} problem={problem} problemAt={problemAt} />}
    </main>
  );
  const shown = theme ?? PLAIN_THEME;
  const fullTitle = theme ? `${title} – ${theme.name}` : title;
  const { html, styleSource } = renderDocument({ title: fullTitle, style: pageStyle(shown), body });
  return { html, policy: policyOf(styleSource, shown, page) };
}

/** Sends a page in the theme of the operator, unless it has its own. */
export function sendPage(reply: FastifyReply, page: Page): void {
  const { html, policy } = renderPage({ theme: themeOfRequest(reply.request), ...page });
  void reply.code(page.status).header('content-security-policy', policy).type('text/html; charset=utf-8').send(html);
}
