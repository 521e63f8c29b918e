// "Until when?": the usual times, and any other, on the business's clock.
import { Button, Group, Menu, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useBusiness } from '../../api';
import { useFormat } from '../../ui';
import { addDays, wallClock, weekdayOf, zonedTime } from '../../ui/zone';

export interface Choice {
  key: string;
  at: Date;
}

/** What one usually means, none of it in the past. */
export function choices(now: number, zone: string): Choice[] {
  const [today, time] = wallClock(now, zone);
  const all: Choice[] = [
    { key: 'hour', at: new Date(now + 3_600_000) },
    { key: 'hours', at: new Date(now + 4 * 3_600_000) },
  ];
  if (time < '16:00') all.push({ key: 'evening', at: zonedTime(today, '18:00', zone) });
  all.push({ key: 'tomorrow', at: zonedTime(addDays(today, 1), '09:00', zone) });
  const monday = 8 - weekdayOf(today);
  if (monday > 1) all.push({ key: 'monday', at: zonedTime(addDays(today, monday), '09:00', zone) });
  return all;
}

export function LaterItems({ onChoose, onOther }: { onChoose: (until: string) => void; onOther: () => void }) {
  const { t } = useTranslation('inbox');
  const zone = useBusiness().time_zone;
  const format = useFormat();
  const now = Date.now();
  return (
    <>
      {choices(now, zone).map(({ key, at }) => (
        <Menu.Item key={key} onClick={() => onChoose(at.toISOString())} rightSection={<span style={{ opacity: 0.75, fontSize: '0.75rem' }}>{hint(format, at, now)}</span>}>
          {t(`later.${key}`)}
        </Menu.Item>
      ))}
      <Menu.Item onClick={onOther}>{t('later.other')}</Menu.Item>
    </>
  );
}

function hint(format: ReturnType<typeof useFormat>, at: Date, now: number): string {
  return format.dayKey(at) === format.dayKey(now) ? format.time(at) : `${format.weekday(at)} ${format.time(at)}`;
}

export function OtherTime({ title, opened, onClose, onChoose }: { title: string; opened: boolean; onClose: () => void; onChoose: (until: string) => void }) {
  const { t } = useTranslation('inbox');
  const zone = useBusiness().time_zone;
  const [text, setText] = useState('');
  const [day, time] = text.split('T');
  const at = day && time ? zonedTime(day, time, zone) : undefined;
  const past = at !== undefined && at.getTime() <= Date.now();
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': t('common:close') }}>
      <TextInput
        type="datetime-local"
        label={t('later.when')}
        description={t('later.zone', { zone })}
        value={text}
        min={wallClock(Date.now(), zone).join('T')}
        onChange={(e) => setText(e.currentTarget.value)}
        error={past ? t('later.past') : undefined}
        data-autofocus
      />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
        <Button disabled={!at || past} onClick={() => at && (onChoose(at.toISOString()), onClose())}>{t('later.set')}</Button>
      </Group>
    </Modal>
  );
}
