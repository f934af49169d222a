import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import './theme/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { configureClient } from './api/client';
import { Refused } from './api/problem';
import { startLanguage } from './i18n';
import { nonce } from './start';

// react-remove-scroll, which Mantine's dialogs use, takes the nonce of its style element from here.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;

const root = document.getElementById('root');
if (!root) throw new Error('the document has no root');
configureClient();
await startLanguage();
createRoot(root, {
  // The page says what the server refused. Anything else is a fault of the console.
  onCaughtError: (error) => {
    if (!(error instanceof Refused)) console.error(error);
  },
}).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
