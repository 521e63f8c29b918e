// The calendar: who comes when.
import { Badge, Box, Group, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCalendarPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useBusiness, useCan } from '../../api/session';
import { EmptyState, ErrorState, LoadingRows, useChoices, useFormat, useNow, usePageTitle, useShortcuts, type Choices } from '../../ui';
import { Agenda } from './Agenda';
import classes from './calendar.module.css';
import { openOn, useAppointments, useHours, useLocations, useServices, useStaff, type Appointment } from './data';
import { Details } from './Details';
import { Grid, type Move } from './Grid';
import { NewAppointment, type Draft } from './NewAppointment';
import { Toolbar, type Shown } from './Toolbar';
import { useChanges } from './useChanges';
import { addDays, daysOf, instant, step, wallDay, weekdayOf, type View } from './zone';

export default function Calendar() {
  const { t } = useTranslation('calendar');
  const zone = useBusiness().time_zone;
  const mayBook = useCan('booking:write');
  const narrow = useMediaQuery('(max-width: 48em)', false) ?? false;
  const now = useNow();
  const [query, choose] = useChoices();
  const shown = useMemo(() => read(query, wallDay(Date.now(), zone), narrow), [query, zone, narrow]);
  const show = (change: Partial<Shown>) => choose(write({ ...shown, ...change }));
  // On a phone a week is read, so that its days open at once.
  const [first, last] = daysOf(narrow ? 'week' : shown.view, shown.day);
  const found = useAppointments(instant(`${first} 00:00:00`, zone), instant(`${last} 00:00:00`, zone));
  const [services, staff, hours, locations] = [useServices(), useStaff(), useHours(), useLocations()];
  const [draft, setDraft] = useState<Draft | null>(null);
  const opened = query.get('appointment');
  const open = (a: Appointment | null) => choose({ appointment: a?.id });
  const { change, made } = useChanges();
  const team = useMemo(
    () => (staff.data ?? []).filter((s) => s.active && (!shown.location || !s.location || s.location === shown.location)),
    [staff.data, shown.location],
  );
  const visibleTeam = useMemo(() => team.filter((s) => shown.staff.length === 0 || shown.staff.includes(s.id)), [team, shown.staff]);
  const appointments = useMemo(
    () =>
      (found.data ?? []).filter(
        (a) =>
          a.status !== 'cancelled' &&
          (shown.staff.length === 0 || shown.staff.includes(a.staff ?? '')) &&
          (!shown.location || !a.location || a.location === shown.location),
      ),
    [found.data, shown.staff, shown.location],
  );
  const title = useTitle(narrow ? 'day' : shown.view, shown.day);
  usePageTitle(t('title'));
  const go = (by: number) => show({ day: step(narrow ? 'day' : shown.view, shown.day, by) });
  const today = () => show({ day: wallDay(Date.now(), zone) });
  const begin = (start?: string, end?: string, person?: string) => {
    const next = `${shown.day} 09:00:00`;
    const from = start ?? next;
    const minutes = end ? Math.round((Date.parse(`${end.replace(' ', 'T')}Z`) - Date.parse(`${from.replace(' ', 'T')}Z`)) / 60_000) : undefined;
    setDraft({ start: from, minutes, staff: person ?? (shown.staff.length === 1 ? shown.staff[0] : undefined) });
  };
  const move = ({ appointment: a, start, end, staff: person }: Move) => {
    const starts_at = instant(start, zone, a.starts_at);
    const minutes = Math.round((Date.parse(`${end.replace(' ', 'T')}Z`) - Date.parse(`${start.replace(' ', 'T')}Z`)) / 60_000);
    const ends_at = new Date(Date.parse(starts_at) + minutes * 60_000).toISOString();
    const other = person === undefined ? {} : { staff: person };
    void change(a, { starts_at, minutes, ...other }, { starts_at, ends_at, ...other }, t('moved'));
  };
  useShortcuts(t('title'), [
    { keys: 't', label: t('today'), run: today },
    { keys: 'j', label: t(`after.${shown.view}`), run: () => go(1) },
    { keys: 'k', label: t(`before.${shown.view}`), run: () => go(-1) },
    { keys: 'd', label: t('view.day'), run: () => show({ view: 'day' }) },
    { keys: 'w', label: t('view.week'), run: () => show({ view: 'week' }) },
    { keys: 'm', label: t('view.month'), run: () => show({ view: 'month' }) },
    ...(mayBook ? [{ keys: 'n', label: t('new'), run: () => begin() }] : []),
  ]);
  const failure = found.error ?? staff.error ?? services.error ?? hours.error;
  const bare = services.data?.length === 0 && staff.data?.length === 0 && found.data?.length === 0;
  const holidays = daysBetween(first, last).filter((d) => openOn(hours.data, d, weekdayOf(d)).holiday !== undefined);
  return (
    <Box className={classes.page}>
      <Toolbar
        shown={shown}
        title={title}
        staff={team}
        locations={locations.data ?? []}
        narrow={narrow}
        onShow={show}
        onStep={go}
        onToday={today}
        onNew={() => begin()}
      />
      <Box className={classes.body}>
        {failure && !found.data ? (
          <ErrorState error={failure} retry={() => [found, staff, services, hours].forEach((q) => void q.refetch())} />
        ) : found.isPending || staff.isPending || hours.isPending ? (
          <LoadingRows rows={8} height={56} />
        ) : (
          <>
            {bare && (
              <EmptyState
                compact
                icon={IconCalendarPlus}
                title={t('empty.title')}
                text={t('empty.text')}
                action={<Link to="/services">{t('empty.action')}</Link>}
              />
            )}
            {!narrow && shown.view !== 'month' && holidays.length > 0 && <Holidays days={holidays} hours={hours.data} />}
            {narrow ? (
              <Agenda
                day={shown.day}
                zone={zone}
                appointments={appointments}
                staff={staff.data ?? []}
                hours={hours.data}
                onOpen={open}
                onDay={(day) => show({ day })}
              />
            ) : (
              <Grid
                key={shown.view}
                view={shown.view}
                day={shown.day}
                zone={zone}
                now={now}
                appointments={appointments}
                staff={visibleTeam}
                hours={hours.data}
                mayBook={mayBook}
                onOpen={open}
                onNew={begin}
                onMove={move}
                onDay={(day) => show({ day, view: 'day' })}
              />
            )}
          </>
        )}
      </Box>
      {draft && (
        <NewAppointment
          draft={draft}
          zone={zone}
          services={services.data ?? []}
          staff={team}
          locations={locations.data ?? []}
          onClose={() => setDraft(null)}
          onMade={() => (setDraft(null), made())}
        />
      )}
      {opened && (
        <Details id={opened} zone={zone} staff={staff.data ?? []} locations={locations.data ?? []} now={now} onClose={() => open(null)} />
      )}
    </Box>
  );
}

function Holidays({ days, hours }: { days: string[]; hours: Parameters<typeof openOn>[0] }) {
  const { t, i18n } = useTranslation('calendar');
  const date = new Intl.DateTimeFormat(i18n.language, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
  return (
    <Group gap="xs" pb="xs">
      {days.map((day) => {
        const { holiday, spans } = openOn(hours, day, weekdayOf(day));
        const open = spans.map((s) => `${s.open}–${s.close}`).join(', ');
        return (
          <Badge key={day} color="yellow">
            <Text span inherit>
              {date.format(new Date(`${day}T00:00:00Z`))}: {holiday || t('hours.holiday')} ({open || t('hours.closed')})
            </Text>
          </Badge>
        );
      })}
    </Group>
  );
}

function useTitle(view: View, day: string): string {
  const { language } = useFormat();
  const date = (text: string) => new Date(`${text}T00:00:00Z`);
  if (view === 'month') return new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(date(day));
  if (view === 'day') {
    return new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(date(day));
  }
  const [first, last] = daysOf('week', day);
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).formatRange(
    date(first),
    date(addDays(last, -1)),
  );
}

function daysBetween(first: string, last: string): string[] {
  const days = [];
  for (let day = first; day < last; day = addDays(day, 1)) days.push(day);
  return days;
}

function read(query: URLSearchParams, today: string, narrow: boolean): Shown {
  const view = query.get('view');
  const day = query.get('day') ?? '';
  const real = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(`${day}T00:00:00Z`));
  return {
    view: narrow ? 'day' : view === 'day' || view === 'month' ? view : 'week',
    day: real ? day : today,
    staff: query.get('staff')?.split(',').filter(Boolean) ?? [],
    location: query.get('location'),
  };
}

function write({ staff, ...shown }: Shown): Choices {
  return { ...shown, staff: staff.join(',') };
}
