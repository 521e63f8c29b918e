// The list of pages at the side: wide, or only its icons.
import { Box, Indicator, NavLink, ScrollArea, Stack, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconPoint } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { NavLink as RouterLink, useLocation } from 'react-router';

import classes from './shell.module.css';
import { GROUPS, href, useNavPages, type NavPage } from './navigation';

export function Navigation({ narrow, onNarrow, onFollow }: { narrow: boolean; onNarrow?: () => void; onFollow?: () => void }) {
  const { t } = useTranslation();
  const shown = useNavPages();
  const groups = GROUPS.map((group) => [group, shown.filter((p) => (p.group ?? 'work') === group)] as const).filter(([, of]) => of.length > 0);
  const toggle = t(narrow ? 'nav.widen' : 'nav.narrow');
  return (
    <Stack h="100%" gap={0}>
      <ScrollArea flex={1} px="xs" py="sm" type="scroll">
        {groups.map(([group, of]) => (
          <Box key={group} mb="sm" role="group" aria-label={t(`nav.group.${group}`)}>
            {group !== 'work' && !narrow && (
              <Text className={classes.group} aria-hidden>
                {t(`nav.group.${group}`)}
              </Text>
            )}
            {of.map((page) => (
              <Entry key={page.path} page={page} narrow={narrow} onFollow={onFollow} />
            ))}
          </Box>
        ))}
      </ScrollArea>
      {onNarrow && (
        <Box px="xs" py="xs">
          <Tooltip label={toggle} position="right" disabled={!narrow}>
            <NavLink
              component="button"
              className={classes.entry}
              onClick={onNarrow}
              aria-label={toggle}
              label={narrow ? undefined : toggle}
              c="dimmed"
              leftSection={narrow ? <IconLayoutSidebarLeftExpand size={19} stroke={1.7} /> : <IconLayoutSidebarLeftCollapse size={19} stroke={1.7} />}
            />
          </Tooltip>
        </Box>
      )}
    </Stack>
  );
}

function Entry({ page, narrow, onFollow }: { page: NavPage; narrow: boolean; onFollow?: () => void }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const to = href(page);
  const here = pathname === to || pathname.startsWith(`${to}/`);
  const Icon = page.icon ?? IconPoint;
  const label = t(`nav.${page.nav}`);
  // The page of an entry never changes, so neither does whether there is a hook.
  const waiting = page.badge?.() ?? 0;
  return (
    <Tooltip label={label} position="right" disabled={!narrow}>
      <NavLink
        component={RouterLink}
        to={to}
        className={classes.entry}
        active={here}
        aria-label={narrow ? label : undefined}
        rightSection={waiting > 0 && !narrow ? <Count of={waiting} /> : null}
        aria-current={here ? 'page' : undefined}
        label={narrow ? undefined : label}
        leftSection={<Indicator disabled={!narrow || waiting === 0} size={8} offset={1}><Icon size={19} stroke={here ? 2 : 1.7} aria-hidden style={{ display: 'block' }} /></Indicator>}
        onClick={onFollow}
      />
    </Tooltip>
  );
}

export function Count({ of }: { of: number }) {
  const { t } = useTranslation();
  return (
    <span className={classes.count}>
      <span aria-hidden>{of > 99 ? '99+' : of}</span>
      <VisuallyHidden>{t('nav.waiting', { count: of })}</VisuallyHidden>
    </span>
  );
}
