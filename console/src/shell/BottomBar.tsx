// The pages of every day within reach of a thumb.
import { Indicator, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconMenu2, IconPoint } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';

import { BOTTOM, href, useNavPages, type NavPage } from './navigation';
import classes from './shell.module.css';

export function BottomBar({ onMore, open }: { onMore: () => void; open: boolean }) {
  const { t } = useTranslation();
  const all = useNavPages();
  const shown = all.filter((p) => BOTTOM.includes(p.nav));
  const behind = all.find((p) => p.badge && !BOTTOM.includes(p.nav));
  return (
    <nav className={classes.bottom} aria-label={t('nav.short')}>
      {shown.map((page) => <Thumb key={page.path} page={page} />)}
      <UnstyledButton className={classes.thumb} onClick={onMore} aria-expanded={open}>
        {behind ? <Behind key={behind.path} page={behind} /> : <IconMenu2 size={22} stroke={1.7} aria-hidden />}
        <span>{t('nav.more')}</span>
      </UnstyledButton>
    </nav>
  );
}

/** Something waits on a page that is not at the bottom. */
function Behind({ page }: { page: NavPage }) {
  const { t } = useTranslation();
  const waiting = page.badge?.() ?? 0;
  return (
    <>
      <Indicator disabled={waiting === 0} label={waiting > 99 ? '99+' : waiting} size={16} offset={2}>
        <IconMenu2 size={22} stroke={1.7} aria-hidden style={{ display: 'block' }} />
      </Indicator>
      {waiting > 0 && <VisuallyHidden>{`${t(`nav.${page.nav}`)}: ${t('nav.waiting', { count: waiting })}`}</VisuallyHidden>}
    </>
  );
}

function Thumb({ page }: { page: NavPage }) {
  const { t } = useTranslation();
  const Icon = page.icon ?? IconPoint;
  const waiting = page.badge?.() ?? 0;
  return (
    <NavLink to={href(page)} className={classes.thumb}>
      <Indicator disabled={waiting === 0} label={waiting > 99 ? '99+' : waiting} size={16} offset={2}>
        <Icon size={22} stroke={1.7} aria-hidden style={{ display: 'block' }} />
      </Indicator>
      <span>{t(`nav.${page.nav}`)}</span>
    </NavLink>
  );
}
