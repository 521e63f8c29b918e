// The pages of every day within reach of a thumb.
import { UnstyledButton } from '@mantine/core';
import { IconMenu2, IconPoint } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';

import { BOTTOM, href, useNavPages } from './navigation';
import classes from './shell.module.css';

export function BottomBar({ onMore, open }: { onMore: () => void; open: boolean }) {
  const { t } = useTranslation();
  const shown = useNavPages().filter((p) => BOTTOM.includes(p.nav));
  return (
    <nav className={classes.bottom} aria-label={t('nav.short')}>
      {shown.map((page) => {
        const Icon = page.icon ?? IconPoint;
        return (
          <NavLink key={page.path} to={href(page)} className={classes.thumb}>
            <Icon size={22} stroke={1.7} aria-hidden />
            <span>{t(`nav.${page.nav}`)}</span>
          </NavLink>
        );
      })}
      <UnstyledButton className={classes.thumb} onClick={onMore} aria-expanded={open}>
        <IconMenu2 size={22} stroke={1.7} aria-hidden />
        <span>{t('nav.more')}</span>
      </UnstyledButton>
    </nav>
  );
}
