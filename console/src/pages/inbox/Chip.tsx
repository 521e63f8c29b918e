// Who answers here, in one word.
import { Tooltip } from '@mantine/core';
import { IconClockPause, IconHourglass, IconLock, IconRobot, IconUser } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useSession } from '../../api';
import { useFormat, useNow } from '../../ui';
import classes from './inbox.module.css';
import type { Item } from './model';

export function StateChip({ of }: { of: Item }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const now = useNow();
  const me = useSession().session.person.id;
  const state = of.state.waiting ? 'waiting' : of.state.mode;
  const icon = { bot: <IconRobot size={12} />, human: <IconUser size={12} />, waiting: <IconHourglass size={12} />, paused: <IconClockPause size={12} />, closed: <IconLock size={12} /> }[state];
  const label = () => {
    if (state === 'paused' && of.state.until) return t('state.pausedUntil', { at: later(format, of.state.until, now) });
    if (state === 'human') {
      if (of.assignee?.id === me) return t('state.you');
      return of.assignee?.name ?? t('state.human');
    }
    return t(`state.${state}`);
  };
  return (
    <Tooltip label={t(`state.about.${state}`)} multiline maw={260}>
      <span className={classes.chip} data-state={state}>
        {icon}
        {label()}
      </span>
    </Tooltip>
  );
}

/** A time to come: today's with the hour, another day's with that. */
function later(format: ReturnType<typeof useFormat>, at: string, now: number): string {
  if (format.dayKey(at) === format.dayKey(now)) return format.time(at);
  return Date.parse(at) - now < 6 * 86_400_000 ? `${format.weekday(at)} ${format.time(at)}` : format.date(at);
}
