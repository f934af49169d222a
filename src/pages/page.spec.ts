import { createHash } from 'node:crypto';
import { PLAIN_THEME } from '../settings/index.js';
import { renderPage } from './page.js';

const HOSTILE = `"><script>alert('x')</script>&amp;`;

describe('a page', () => {
  it('shows whatever it is given as text', () => {
    const { html } = renderPage({
      status: 200,
      from: HOSTILE,
      title: HOSTILE,
      text: HOSTILE,
      form: { action: HOSTILE, fields: { [HOSTILE]: HOSTILE }, button: HOSTILE },
    });
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;';
    expect(html).not.toContain('<script');
    expect(html.split(escaped)).toHaveLength(10);
  });

  it('has the style its policy allows', () => {
    const { html, policy } = renderPage({ status: 200, title: '', text: '' });
    const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? '';
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).not.toContain('img-src');
  });

  it('may load its logos and nothing else, whatever their address is', () => {
    const logo = "https://x.example/a;script-src *,'self'/logo.png?b=;c";
    const theme = { ...PLAIN_THEME, base: { ...PLAIN_THEME.base, logoUrl: logo } };
    const { html, policy } = renderPage({ status: 200, title: '', text: '', look: { name: HOSTILE, theme } });
    expect(policy).toContain('; img-src https://x.example/a%3bscript-src%20*%2c%27self%27/logo.png; ');
    expect(html).toContain(
      '<img src="https://x.example/a;script-src *,&#39;self&#39;/logo.png?b=;c" alt="&quot;&gt;&lt;script',
    );
  });
});
