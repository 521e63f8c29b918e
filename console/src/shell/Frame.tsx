// The frame around every page: header, navigation, what is live, what keys do.
import { ActionIcon, AppShell, Drawer, Group, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure, useLocalStorage, useMediaQuery } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet, useLocation, useNavigate } from 'react-router';

import { useLiveState, useLiveStream } from '../api/live';
import { useSession } from '../api/session';
import { useShortcutListener, useShortcuts, type Shortcut } from '../ui/shortcuts';
import { LoadingPage } from '../ui/states';
import { BottomBar } from './BottomBar';
import { Brand } from './Brand';
import { BusinessSwitcher } from './BusinessSwitcher';
import { Crash } from './Crash';
import { KeyboardHelp, Keys } from './KeyboardHelp';
import { useOwnLanguage } from './language';
import { href, useNavPages } from './navigation';
import { Navigation } from './Navigation';
import { PersonMenu } from './PersonMenu';
import classes from './shell.module.css';

const loadPalette = () => import('./Palette');
const Palette = lazy(loadPalette);

export function Frame() {
  const { t } = useTranslation();
  const { business } = useSession();
  const { pathname } = useLocation();
  const [narrow, setNarrow] = useLocalStorage({ key: 'frontdesk.narrow', defaultValue: false, getInitialValueInEffect: false });
  const [menu, { close: closeMenu, toggle: toggleMenu }] = useDisclosure();
  const [keys, { open: openKeys, close: closeKeys }] = useDisclosure();
  const [palette, setPalette] = useState(false);
  const phone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const live = useLiveState();
  useOwnLanguage();
  useLiveStream(business?.id);
  useShortcutListener();

  const showPalette = () => void loadPalette().then(({ openPalette }) => (setPalette(true), setTimeout(openPalette)));
  usePageKeys(showPalette, openKeys);
  // A new page is read from its top, and by a screen reader from its beginning.
  const place = pathname.split('/')[1];
  useEffect(() => {
    window.scrollTo(0, 0);
    closeMenu();
  }, [place, closeMenu]);

  return (
    <AppShell
      header={{ height: 54 }}
      footer={{ height: 'calc(56px + env(safe-area-inset-bottom))', collapsed: !phone }}
      navbar={{ width: narrow ? 62 : 232, breakpoint: 'sm', collapsed: { mobile: true } }}
      transitionDuration={140}
    >
      <a className="fd-visually-hidden-focusable" href="#main">{t('skip')}</a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="md" wrap="nowrap" miw={0}>
            <Brand withName={!phone} />
            <BusinessSwitcher />
          </Group>
          <Group gap="sm" wrap="nowrap">
            <UnstyledButton className={classes.search} onClick={showPalette} visibleFrom="sm">
              <IconSearch size={16} aria-hidden />
              <Text span size="sm" flex={1} ta="left">{t('palette.open')}</Text>
              <Keys keys="mod+k" />
            </UnstyledButton>
            <ActionIcon size="lg" onClick={showPalette} hiddenFrom="sm" aria-label={t('palette.open')}>
              <IconSearch size={20} />
            </ActionIcon>
            <PersonMenu onKeys={openKeys} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label={t('nav.all')}>
        <Navigation narrow={narrow} onNarrow={() => setNarrow(!narrow)} />
      </AppShell.Navbar>
      <AppShell.Main className={classes.main} id="main" tabIndex={-1}>
        {live === 'lost' && <div className={classes.lost} role="status">{t('live.lost')}</div>}
        <Crash key={`${business?.id} ${place}`}>
          <Suspense fallback={<LoadingPage />}>
            <Outlet />
          </Suspense>
        </Crash>
      </AppShell.Main>
      {phone && (
        <AppShell.Footer className={classes.header}>
          <BottomBar onMore={toggleMenu} open={menu} />
        </AppShell.Footer>
      )}
      <Drawer opened={menu} onClose={closeMenu} size={280} title={t('nav.all')} closeButtonProps={{ 'aria-label': t('close') }}>
        <Navigation narrow={false} onFollow={closeMenu} />
      </Drawer>
      <KeyboardHelp opened={keys} onClose={closeKeys} />
      {palette && <Suspense><Palette onKeys={openKeys} /></Suspense>}
    </AppShell>
  );
}

const LETTERS: Record<string, string> = {
  inbox: 'i', calendar: 'c', contacts: 'p', tasks: 't', overview: 'o', agents: 'a', tools: 'w', channels: 'h', settings: 's',
};

function usePageKeys(showPalette: () => void, showKeys: () => void): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const shown = useNavPages();
  const shortcuts = useMemo(() => {
    const jumps: Shortcut[] = shown.flatMap((page) => {
      const letter = LETTERS[page.nav];
      return letter ? [{ keys: `g ${letter}`, label: t('keys.go', { page: t(`nav.${page.nav}`) }), run: () => void navigate(href(page)) }] : [];
    });
    return [
      { keys: 'mod+k', label: t('palette.open'), run: showPalette, whileTyping: true },
      { keys: '?', label: t('keys.title'), run: showKeys },
      ...jumps,
    ];
  }, [shown, t, navigate, showPalette, showKeys]);
  useShortcuts(t('keys.everywhere'), shortcuts);
}
