// Providers and routes.
import { MantineProvider, mergeThemeOverrides } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';

import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './theme/global.css';

import { paged } from './ahead';
import { pages } from './pages';
import { publicPages } from './pages/public';
import { Gate } from './shell/Gate';
import { Allowed, FrontDoor, NotFound } from './shell/places';
import { PublicLayout } from './shell/PublicLayout';
import { schemes, theme, variables } from './theme/theme';
import { LoadingPage } from './ui/states';

const router = createBrowserRouter([
  {
    element: <PublicLayout />,
    children: publicPages.map(({ path, load }) => {
      const Page = paged(load);
      return { path, element: <Page /> };
    }),
  },
  {
    element: <Gate />,
    children: [
      { index: true, element: <FrontDoor /> },
      ...pages.map(({ path, need, load }) => {
        const Page = paged(load);
        return { path, element: <Allowed need={need}><Page /></Allowed> };
      }),
      { path: '*', element: <NotFound /> },
    ],
  },
]);

/** Where what happened is told: never over what one writes. */
function Corner() {
  const phone = useMediaQuery('(max-width: 48em)');
  return <Notifications position={phone ? 'top-center' : 'bottom-left'} limit={4} />;
}

export function App({ queries }: { queries: QueryClient }) {
  const { t } = useTranslation();
  // Every window and notice can be closed by a button that says so.
  const close = t('close');
  const named = useMemo(() => {
    const own = { defaultProps: { closeButtonProps: { 'aria-label': close } } };
    return mergeThemeOverrides(theme, { components: { Modal: own, Drawer: own, Notification: own } });
  }, [close]);
  return (
    <MantineProvider theme={named} cssVariablesResolver={variables} colorSchemeManager={schemes} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <Suspense fallback={<LoadingPage />}>
          <ModalsProvider>
            <RouterProvider router={router} />
          </ModalsProvider>
        </Suspense>
        <Corner />
      </QueryClientProvider>
    </MantineProvider>
  );
}
