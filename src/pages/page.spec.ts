import { createHash } from 'node:crypto';
import { PLAIN_THEME } from '../settings/index.js';
import { renderPage } from './page.js';

const HOSTILE = `"><script>alert('x')</script>&amp;`;

describe('a page', () => {
  it('shows whatever it is given as text', () => {
    const { html } = renderPage({
      status: 200,
      theme: { ...PLAIN_THEME, name: HOSTILE, appUrl: null },
      title: HOSTILE,
      text: HOSTILE,
      problem: HOSTILE,
      facts: [[HOSTILE, HOSTILE]],
      form: {
        action: HOSTILE,
        hidden: { [HOSTILE]: HOSTILE },
        inputs: [{ name: HOSTILE, label: HOSTILE, type: 'text', maxLength: 9, autoComplete: HOSTILE }],
        buttons: [{ label: HOSTILE, sends: { name: HOSTILE, value: HOSTILE } }],
      },
      link: { href: 'back', label: HOSTILE },
    });
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;amp;';
    expect(html).not.toContain('<script');
    expect(html.split(escaped)).toHaveLength(19);
  });

  it.each([
    ['https://idp.example/sso', "; form-action 'self' https:; "],
    // Only for servers that ALLOWED_PRIVATE_HOSTS names.
    ['http://127.0.0.1:8080/sso', "; form-action 'self' https: http://127.0.0.1:8080; "],
  ])('lets a form leave for %s', (action, directive) => {
    const form = { action, buttons: [{ label: 'Continue' }] };
    expect(renderPage({ status: 200, title: '', text: '', form, leaves: true }).policy).toContain(directive);
  });

  it('has the style its policy allows', () => {
    const { html, policy } = renderPage({ status: 200, title: '', text: '' });
    const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? '';
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).not.toContain('img-src');
  });

  it('may load its logos and nothing else, whatever their address is', () => {
    const logo = "https://x.example/a;script-src *,'self'/logo.png?b=;c";
    const theme = { ...PLAIN_THEME, name: HOSTILE, appUrl: null, base: { ...PLAIN_THEME.base, logoUrl: logo } };
    const { html, policy } = renderPage({ status: 200, title: '', text: '', theme });
    expect(policy).toContain('; img-src https://x.example/a%3bscript-src%20*%2c%27self%27/logo.png; ');
    expect(html).toContain(
      '<img src="https://x.example/a;script-src *,&#x27;self&#x27;/logo.png?b=;c" alt="&quot;&gt;&lt;script',
    );
    expect(html).not.toContain('rel="preload"');
  });
});
