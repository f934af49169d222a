import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The server that `npm run dev` starts beside Vite. */
const SERVER = process.env.TRELLIS_SERVER ?? 'http://127.0.0.1:3000';
const SMALLEST_COMPRESSED_BYTES = 1024;

/** Writes a .br and a .gz file beside each file, so that the server compresses nothing. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      const folder = here('dist/site/assets');
      // A build that failed wrote nothing. Its own error must be what is shown.
      if (!existsSync(folder)) return;
      for (const name of readdirSync(folder, { recursive: true }) as string[]) {
        const file = path.join(folder, name);
        if (!/\.(?:js|css|svg)$/.test(name) || statSync(file).size < SMALLEST_COMPRESSED_BYTES) continue;
        const content = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

/**
 * Serves the pages of the console during development at the addresses they have in production. What the server writes
 * into a page (operator, branding) is taken from the server's own page.
 */
function pagesInDevelopment(): Plugin {
  return {
    name: 'pages-in-development',
    apply: 'serve',
    configureServer(vite) {
      const pageAt = async (url: string): Promise<string | null> => {
        const served = await fetch(SERVER + url, { redirect: 'manual' });
        const start = /<script type="application\/json" id="start">(.*?)<\/script>/s.exec(await served.text())?.[1];
        if (start === undefined) return null;
        const page = readFileSync(here('index.html'), 'utf8')
          .replace('{{start}}', () => start)
          .replace('{{title}}', 'Trellis (development)')
          .replace('{{scheme}}', 'light dark')
          .replace(/\{\{(?:nonce|icon)\}\}/g, '');
        return vite.transformIndexHtml(url, page);
      };
      vite.middlewares.use((request, response, next) => {
        const url = request.url ?? '/';
        if (!/^\/t\/[^/]+\/(?!api\/)/.test(url) || !request.headers.accept?.includes('text/html')) return next();
        pageAt(url).then(
          (page) => {
            if (page === null) return next();
            return response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
          },
          (error: unknown) => next(error),
        );
      });
    },
  };
}

export default defineConfig({
  root: here('.'),
  base: '/console/',
  plugins: [
    tanstackRouter({
      target: 'react',
      autoCodeSplitting: true,
      // Loaders too: otherwise the page to sign in would load the requests of all pages.
      codeSplittingOptions: {
        defaultBehavior: [['loader', 'component'], ['pendingComponent'], ['errorComponent'], ['notFoundComponent']],
      },
      routesDirectory: here('src/routes'),
      generatedRouteTree: here('src/routeTree.gen.ts'),
    }),
    react(),
    compressed(),
    pagesInDevelopment(),
  ],
  server: {
    // Everything that is not a page or a module of the console.
    proxy: {
      '^/t/': { target: SERVER },
      '^/(?:$|docs|openapi.json|mail|\\.well-known)': { target: SERVER },
    },
  },
  build: {
    target: 'es2022',
    // A folder of its own, because Vite empties it and the stamp of the build lies beside it.
    outDir: here('dist/site'),
    emptyOutDir: true,
    assetsDir: 'assets',
    // The policy of the pages allows no inline scripts, and no data: URLs except for images.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        // The definitions of all routes are part of the first load. In one file they are half as large as in one each.
        codeSplitting: { groups: [{ name: 'routes', test: /src[\\/]routes[\\/][^?]*\.tsx$/ }] },
      },
    },
  },
});
