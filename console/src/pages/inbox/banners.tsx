// What one must know before writing: who answers here, and until when free text is allowed.
import { Button } from '@mantine/core';
import { IconClock, IconRobot, IconTemplate, IconUserCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { useFormat, useNow } from '../../ui';
import classes from './inbox.module.css';
import type { Conversation } from './model';
import { isOpen } from './window';

export function AnswerBanner({ of, taken, onGiveBack }: { of: Conversation; taken: boolean; onGiveBack: () => void }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const may = useCan('conversation:write');
  if (of.state.mode === 'bot' || of.state.mode === 'closed') return null;
  const paused = of.state.mode === 'paused' && of.state.until;
  return (
    <div className={classes.banner} data-tone={paused ? 'warn' : 'you'} role="status">
      {paused ? <IconClock size={16} aria-hidden /> : <IconUserCheck size={16} aria-hidden />}
      <span>
        {paused ? t('banner.paused', { at: format.dateTime(paused) }) : t(taken ? 'banner.taking' : 'banner.human')}
      </span>
      {may && (
        <Button size="compact-sm" variant="white" color="dark" leftSection={<IconRobot size={15} />} onClick={onGiveBack}>
          {t('act.giveBack')}
        </Button>
      )}
    </div>
  );
}

export function WindowBanner({ of, onTemplate }: { of: Conversation; onTemplate?: () => void }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const now = useNow();
  if (!of.window) return null;
  const { until } = of.window;
  if (until && isOpen(of, now)) {
    const left = Date.parse(until) - now;
    // Only worth saying when it is about to end.
    if (left > 4 * 3_600_000) return null;
    return (
      <div className={classes.banner} data-tone="calm">
        <IconClock size={16} aria-hidden />
        <span>{t('banner.windowUntil', { at: format.dateTime(until), left: format.relative(until, now) })}</span>
      </div>
    );
  }
  return (
    <div className={classes.banner} data-tone="warn" role="status">
      <IconClock size={16} aria-hidden />
      <span>
        {until ? t('banner.windowClosed', { at: format.dateTime(until) }) : t('banner.windowNever')}
      </span>
      {onTemplate && (
        <Button size="compact-sm" variant="white" color="dark" leftSection={<IconTemplate size={15} />} onClick={onTemplate}>
          {t('template.choose')}
        </Button>
      )}
    </div>
  );
}
