import type { Palette, Theme } from '../settings/index.js';

const variables = ({ background, surround, border, text, muted, primary, onPrimary, primaryEdge }: Palette): string =>
  Object.entries({ background, surround, border, text, muted, primary, 'on-primary': onPrimary, edge: primaryEdge })
    .map(([name, color]) => `--${name}:${color}`)
    .join(';');

const RULES = `*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;color:var(--text);background:var(--surround);overflow-wrap:anywhere}
main{max-width:28rem;margin:12vh auto 2rem;padding:2rem;background:var(--background);border:1px solid var(--border);border-radius:.5rem}
header{font-weight:600;margin:0 0 1.5rem}
header img{display:block;height:2.5rem;max-width:100%;object-fit:contain;object-position:left}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 1rem}
label{display:block}
input:not([type=hidden]){font:inherit;width:100%;margin-top:.25rem;padding:.5rem;color:var(--text);background:var(--background);border:1px solid var(--muted);border-radius:.3rem}
button{font:inherit;font-weight:600;margin:.5rem .5rem 0 0;padding:.6rem 1.2rem;border:1px solid var(--edge);border-radius:.3rem;color:var(--on-primary);background:var(--primary);cursor:pointer}
button.secondary{color:var(--text);background:var(--background);border-color:var(--muted)}
blockquote{margin:0 0 1.5rem;padding:.5rem 1rem;border-left:.25rem solid var(--muted);white-space:pre-line}
blockquote p{margin:0}
blockquote footer{color:var(--muted)}
input[aria-invalid]{border-color:#c92a2a;outline-color:#c92a2a}
p.problem{padding:.5rem 1rem;background:var(--surround);border-left:.25rem solid var(--text)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem;margin:0 0 1.5rem}
dt{color:var(--muted)}
dd{margin:0;text-align:right}
a{color:inherit}
a.button{display:inline-block;margin:.5rem 0 0;padding:.6rem 1.2rem;border:1px solid var(--edge);border-radius:.3rem;font-weight:600;color:var(--on-primary);background:var(--primary);text-decoration:none}
small{display:block;margin:.5rem 0 0;color:var(--muted)}
button:focus-visible,input:focus-visible,a.button:focus-visible{outline:3px solid var(--text);outline-offset:2px}
@media (max-width:30rem){main{margin:0 auto;min-height:100vh;border-width:0;border-radius:0;padding:1.5rem}}`;

/** The whole style of a page. */
export const pageStyle = ({ base, dark, scheme }: Theme): string =>
  [
    `:root{color-scheme:${scheme};${variables(base)}}`,
    ...(dark ? [`@media (prefers-color-scheme:dark){:root{${variables(dark)}}}`] : []),
    RULES,
  ].join('\n');
