// The quiet page around sign-in, invitations and new passwords.
import { Anchor, Group } from '@mantine/core';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';

import { languages, speak, type Language } from '../i18n';
import { LoadingRows } from '../ui/states';
import { Brand } from './Brand';
import { Crash } from './Crash';
import classes from './shell.module.css';

export function PublicLayout() {
  const { t, i18n } = useTranslation();
  return (
    <main className={classes.public}>
      <Brand />
      <div style={{ width: '100%', maxWidth: 420 }}>
        <Crash>
          <Suspense fallback={<LoadingRows rows={3} />}>
            <Outlet />
          </Suspense>
        </Crash>
      </div>
      <Group gap="lg">
        <Anchor href="/privacy" size="sm" c="dimmed">{t('public.privacy')}</Anchor>
        <Anchor href="/terms" size="sm" c="dimmed">{t('public.terms')}</Anchor>
        {Object.entries(languages).filter(([tag]) => tag !== i18n.language).map(([tag, name]) => (
          <Anchor key={tag} component="button" type="button" size="sm" c="dimmed" lang={tag} onClick={() => void speak(tag as Language)}>
            {name}
          </Anchor>
        ))}
      </Group>
    </main>
  );
}
