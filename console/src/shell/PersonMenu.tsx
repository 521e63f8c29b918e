// The person: account, language, light or dark, sign out.
import { Menu, SegmentedControl, Text, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useSession, useSignOut } from '../api/session';
import { languages, speak, type Language } from '../i18n';
import { Face } from '../ui/Face';
import { useFailure } from '../ui/problems';
import { useAllowedPages } from './navigation';
import { useRememberLanguage } from './language';

export function PersonMenu({ onKeys }: { onKeys: () => void }) {
  const { t, i18n } = useTranslation();
  const { session } = useSession();
  const signOut = useSignOut();
  const failed = useFailure();
  const remember = useRememberLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const hasAccount = useAllowedPages().some((p) => p.path.startsWith('/account'));
  const name = session.person.name || session.person.email;
  return (
    <Menu width={260} position="bottom-end">
      <Menu.Target>
        <UnstyledButton aria-label={t('person.menu', { name })} style={{ borderRadius: '50%' }}>
          <Face name={name} color="pine" size={34} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>{name}</Text>
          {session.person.name && <Text size="xs" truncate>{session.person.email}</Text>}
        </Menu.Label>
        {hasAccount && (
          <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={17} />}>
            {t('nav.account')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconKeyboard size={17} />} onClick={onKeys} rightSection={<Text size="xs" c="dimmed">?</Text>}>
          {t('keys.title')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('person.language')}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          mx={8}
          mb={6}
          aria-label={t('person.language')}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          value={i18n.language}
          onChange={(tag) => void speak(tag as Language).then(() => remember(tag as Language))}
        />
        <Menu.Label>{t('person.scheme')}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          mx={8}
          mb={8}
          aria-label={t('person.scheme')}
          value={colorScheme}
          onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}
          data={[
            { value: 'light', label: <Scheme icon={<IconSun size={15} />} text={t('person.light')} /> },
            { value: 'dark', label: <Scheme icon={<IconMoon size={15} />} text={t('person.dark')} /> },
            { value: 'auto', label: <Scheme icon={<IconDeviceDesktop size={15} />} text={t('person.auto')} /> },
          ]}
        />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={17} />} onClick={() => void signOut().catch(failed)}>
          {t('person.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Scheme({ icon, text }: { icon: React.ReactNode; text: string }) {
  return (
    <span style={{ display: 'inline-flex', gap: 5, alignItems: 'center' }}>
      {icon}
      {text}
    </span>
  );
}
