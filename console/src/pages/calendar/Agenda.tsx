// One day as a list: the calendar on a phone.
import { Badge, Box, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconCalendarOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { EmptyState, useFormat } from '../../ui';
import classes from './calendar.module.css';
import { colorOf, openOn, type Appointment, type OpeningHours, type Staff } from './data';
import { addDays, wallDay, weekdayOf } from './zone';

export function Agenda({ day, zone, appointments, staff, hours, onOpen, onDay }: {
  day: string;
  zone: string;
  appointments: Appointment[];
  staff: Staff[];
  hours: OpeningHours | undefined;
  onOpen: (appointment: Appointment) => void;
  onDay: (day: string) => void;
}) {
  const { t, i18n } = useTranslation('calendar');
  const format = useFormat();
  const monday = addDays(day, -weekdayOf(day));
  const letters = new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' });
  const full = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'full', timeZone: 'UTC' });
  const today = appointments.filter((a) => wallDay(a.starts_at, zone) === day);
  const { spans, holiday } = openOn(hours, day, weekdayOf(day));
  const time = (text: string) => (text === '23:59' ? '24:00' : text);
  return (
    <Stack gap="sm">
      <Group gap={4} grow wrap="nowrap" role="group" aria-label={t('view.week')}>
        {Array.from({ length: 7 }, (_, i) => addDays(monday, i)).map((d) => {
          const date = new Date(`${d}T00:00:00Z`);
          const chosen = d === day;
          return (
            <UnstyledButton
              key={d}
              ta="center"
              py={6}
              onClick={() => onDay(d)}
              aria-pressed={chosen}
              title={full.format(date)}
              bg={chosen ? 'var(--mantine-primary-color-light)' : undefined}
              style={{ borderRadius: 'var(--mantine-radius-md)' }}
            >
              <Text size="xs" c="dimmed">{letters.format(date)}</Text>
              <Text fw={chosen ? 700 : 500}>{date.getUTCDate()}</Text>
            </UnstyledButton>
          );
        })}
      </Group>
      <Text size="sm" c="dimmed">
        {holiday !== undefined && <Badge mr="xs">{holiday || t('hours.holiday')}</Badge>}
        {spans.length === 0 ? t('hours.closed') : format.list(spans.map((s) => `${s.open}–${time(s.close)}`))}
      </Text>
      {today.length === 0 && <EmptyState compact icon={IconCalendarOff} title={t('agenda.none')} text={t('agenda.noneText')} />}
      {today.map((a) => {
        const off = a.status === 'cancelled' || a.status === 'no_show';
        const who = staff.find((s) => s.id === a.staff)?.name;
        return (
          <UnstyledButton key={a.id} className={classes.row} data-off={off || undefined} onClick={() => onOpen(a)}>
            <Box>
              <Text fw={600} size="sm">{format.time(a.starts_at)}</Text>
              <Text size="xs" c="dimmed">{format.time(a.ends_at)}</Text>
            </Box>
            <Box className={classes.bar} bg={off ? 'gray' : colorOf(staff, a.staff)} />
            <Box miw={0}>
              <Text fw={600} truncate>{a.contact_name ?? t('someone')}</Text>
              <Text size="sm" c="dimmed" truncate>
                {[a.title, who].filter(Boolean).join(' · ')}
              </Text>
              {a.status !== 'confirmed' && <Badge mt={4} color="gray">{t(`status.${a.status}`)}</Badge>}
            </Box>
          </UnstyledButton>
        );
      })}
    </Stack>
  );
}
