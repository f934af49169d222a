import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRouter, RouterProvider } from '@tanstack/react-router';
import { queryClient } from './api/client';
import { NotFound, PageProblem } from './frame/Problem';
import { routeTree } from './routeTree.gen';
import { consoleBase, nonce, start } from './start';
import { cssVariables, themeFor } from './theme/theme';

const router = createRouter({
  routeTree,
  basepath: consoleBase,
  context: { queryClient },
  // Otherwise parameters that `validateSearch` leaves out would stay in the address.
  search: { strict: true },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 300,
  scrollRestoration: true,
  defaultErrorComponent: PageProblem,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

export const App = () => (
  <MantineProvider
    theme={themeFor(start.branding)}
    cssVariablesResolver={cssVariables}
    defaultColorScheme={start.branding.themeMode}
    getStyleNonce={() => nonce}
    deduplicateInlineStyles
  >
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </MantineProvider>
);
