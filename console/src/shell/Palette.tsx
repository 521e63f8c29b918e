// Ctrl-K: every page, every action, every contact and conversation by a few letters.
import { useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconBuildingStore, IconFileText, IconKeyboard, IconLogout, IconMessage, IconMoon, IconSearch, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import '@mantine/spotlight/styles.css';

import { allows, useSession, useSignOut } from '../api/session';
import { useFailure } from '../ui/problems';
import { findPeople, findTalks } from './find';
import { href, useNavPages } from './navigation';

const [store, actions] = createSpotlight();
export const openPalette = actions.open;

export default function Palette({ onKeys }: { onKeys: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const present = useSession();
  const signOut = useSignOut();
  const failed = useFailure();
  const { setColorScheme } = useMantineColorScheme();
  const shown = useNavPages();
  const [query, setQuery] = useState('');
  const [wanted] = useDebouncedValue(query.trim(), 200);
  const search = wanted.length >= 2;
  const people = useQuery({
    queryKey: ['contacts', 'palette', wanted],
    queryFn: () => findPeople(wanted),
    enabled: search && allows(present, 'contact:read'),
  });
  const talks = useQuery({
    queryKey: ['conversations', 'palette', wanted],
    queryFn: () => findTalks(wanted),
    enabled: search && allows(present, 'conversation:read'),
  });

  const pages: SpotlightActionData[] = shown.map((page) => {
    const Icon = page.icon ?? IconFileText;
    return { id: page.path, label: t(`nav.${page.nav}`), leftSection: <Icon size={19} stroke={1.7} />, onClick: () => void navigate(href(page)) };
  });
  const deeds: SpotlightActionData[] = [
    ...present.session.tenants
      .filter((b) => b.id !== present.business?.id)
      .map((b) => ({ id: b.id, label: t('business.open', { name: b.name }), leftSection: <IconBuildingStore size={19} stroke={1.7} />, onClick: () => present.choose(b.id) })),
    { id: 'dark', label: t('palette.dark'), leftSection: <IconMoon size={19} stroke={1.7} />, onClick: () => setColorScheme('dark') },
    { id: 'light', label: t('palette.light'), leftSection: <IconMoon size={19} stroke={1.7} />, onClick: () => setColorScheme('light') },
    { id: 'keys', label: t('keys.title'), leftSection: <IconKeyboard size={19} stroke={1.7} />, onClick: onKeys },
    { id: 'out', label: t('person.signOut'), leftSection: <IconLogout size={19} stroke={1.7} />, onClick: () => void signOut().catch(failed) },
  ];
  const found: SpotlightActionGroupData[] = [
    {
      group: t('nav.contacts'),
      actions: (people.data ?? []).map((p) => ({ id: `c${p.id}`, label: p.label, description: p.text, keywords: [wanted], leftSection: <IconUser size={19} stroke={1.7} />, onClick: () => void navigate(`/contacts/${p.id}`) })),
    },
    {
      group: t('palette.talks'),
      actions: (talks.data ?? []).map((c) => ({ id: `t${c.id}`, label: c.label, description: c.text, keywords: [wanted], leftSection: <IconMessage size={19} stroke={1.7} />, onClick: () => void navigate(`/inbox/${c.id}`) })),
    },
  ].filter((g) => g.actions.length > 0);

  return (
    <Spotlight
      store={store}
      attributes={{ content: { 'aria-label': t('palette.open') } }}
      shortcut={null}
      query={query}
      onQueryChange={setQuery}
      scrollable
      maxHeight={420}
      highlightQuery
      nothingFound={people.isFetching || talks.isFetching ? t('loading') : t('list.nothing')}
      searchProps={{ leftSection: <IconSearch size={18} />, placeholder: t('palette.placeholder'), 'aria-label': t('palette.placeholder') }}
      actions={[{ group: t('palette.pages'), actions: pages }, ...found, { group: t('palette.actions'), actions: deeds }]}
    />
  );
}
