import { createHash } from 'node:crypto';
import { PAGE_POLICY, renderPage } from './page.js';

const HOSTILE = `"><script>alert('x')</script>&amp;`;

describe('a page', () => {
  it('shows whatever it is given as text', () => {
    const html = renderPage({
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
    const style = /<style>(.*)<\/style>/s.exec(renderPage({ status: 200, title: '', text: '' }))?.[1] ?? '';
    expect(PAGE_POLICY).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  });
});
