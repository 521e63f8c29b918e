// Day, week and month as grids: closed hours shaded, appointments dragged and stretched on the wall clock of the business.
import { Box, Text } from '@mantine/core';
import { MonthView, ResourcesDayView, WeekView, type ScheduleEventData, type ScheduleLabelsOverride } from '@mantine/schedule';
import '@mantine/schedule/styles.css';
import 'dayjs/locale/es';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../ui';
import classes from './calendar.module.css';
import { colorOf, openOn, type Appointment, type OpeningHours, type Staff } from './data';
import { addDays, wall, weekdayOf, type View } from './zone';

/** A row of the day view for what nobody in particular does. */
export const NOBODY = 'nobody';

export interface Move {
  appointment: Appointment;
  /** On the wall. */
  start: string;
  end: string;
  staff?: string | null;
}

export function Grid({ view, day, zone, now, appointments, staff, hours, mayBook, onOpen, onNew, onMove, onDay }: {
  view: View;
  day: string;
  zone: string;
  now: number;
  appointments: Appointment[];
  staff: Staff[];
  hours: OpeningHours | undefined;
  mayBook: boolean;
  onOpen: (appointment: Appointment) => void;
  onNew: (start: string, end: string | undefined, staff: string | undefined) => void;
  onMove: (move: Move) => void;
  onDay: (day: string) => void;
}) {
  const { t, i18n } = useTranslation('calendar');
  const byId = useMemo(() => new Map(appointments.map((a) => [a.id, a])), [appointments]);
  const events = useMemo<ScheduleEventData[]>(
    () => [...appointments.map((a) => toEvent(a, staff, zone)), ...(view === 'day' ? [...awayEvents(staff, day, zone), ...breakEvents(staff, day, hours)] : [])],
    [appointments, staff, zone, view, day, hours],
  );
  const [startTime, endTime] = useMemo(() => shownHours(hours, appointments, zone), [hours, appointments, zone]);
  const labels: ScheduleLabelsOverride = {
    allDay: t('grid.allDay'),
    timeSlot: t('grid.slot'),
    weekday: t('grid.weekday'),
    more: t('grid.more'),
    moreLabel: (count) => t('grid.moreLabel', { count }),
    noEvents: t('grid.none'),
    resources: t('staff.title'),
    resource: t('staff.one'),
    resourceSlot: t('grid.slot'),
    day: t('view.day'),
    week: t('view.week'),
    month: t('view.month'),
  };
  const open = (event: ScheduleEventData) => {
    const found = byId.get(String(event.id));
    if (found) onOpen(found);
  };
  const drop = ({ eventId, newStart, newEnd, resourceId }: Dropped) => {
    const appointment = byId.get(String(eventId));
    if (!appointment) return;
    const moved = resourceId === undefined || resourceId === (appointment.staff ?? NOBODY) ? {} : { staff: resourceId === NOBODY ? null : String(resourceId) };
    onMove({ appointment, start: String(newStart), end: String(newEnd), ...moved });
  };
  const movable = (event: ScheduleEventData) => mayBook && byId.get(String(event.id))?.status === 'confirmed';
  // The library names these buttons in English and otherwise than they read: their own words are better.
  const week = useRef<HTMLDivElement>(null);
  useEffect(() => week.current?.querySelectorAll('.mantine-WeekView-weekViewDayLabel').forEach((one) => one.removeAttribute('aria-label')), [view, day]);
  const shared = {
    events,
    labels,
    locale: i18n.language,
    withHeader: false,
    onEventClick: open,
    withEventsDragAndDrop: mayBook,
    canDragEvent: movable,
    onEventDrop: drop,
  };
  const times = {
    startTime,
    endTime,
    intervalMinutes: 30,
    eventDragInterval: 15,
    withEventResize: mayBook,
    canResizeEvent: movable,
    onEventResize: drop,
    eventResizeInterval: 15,
    getCurrentTime: () => wall(Date.now(), zone),
    renderEventBody: (event: ScheduleEventData) => <Body event={event} zone={zone} />,
  };
  if (view === 'month') {
    return (
      <Box className={classes.grid}>
        <MonthView
          {...shared}
          date={day}
          firstDayOfWeek={1}
          weekdayFormat="ddd"
          maxEventsPerDay={3}
          onDayClick={(clicked) => onDay(clicked)}
          getDayProps={(date) => {
            const { spans, holiday } = openOn(hours, date, weekdayOf(date));
            return { 'data-closed': spans.length === 0 || undefined, title: holiday || undefined };
          }}
        />
      </Box>
    );
  }
  if (view === 'day' && staff.length > 0) {
    const rows = [...staff.map((s) => ({ id: s.id, label: s.name, color: colorOf(staff, s.id) })), { id: NOBODY, label: t('staff.nobody') }];
    const { spans } = openOn(hours, day, weekdayOf(day));
    return (
      <Box className={classes.grid}>
        <ResourcesDayView
          {...shared}
          {...times}
          date={day}
          resources={rows}
          highlightBusinessHours
          businessHours={spans.length > 0 ? [clock(spans[0]!.open), clock(spans[spans.length - 1]!.close)] : ['00:00:00', '00:00:00']}
          startScrollTime={spans[0] ? clock(spans[0].open) : '09:00:00'}
          onTimeSlotClick={({ slotStart, resourceId }) =>
            mayBook && onNew(slotStart, undefined, resourceId === NOBODY ? undefined : String(resourceId))
          }
          withCurrentTimeIndicator={wall(now, zone).startsWith(day)}
          slotWidth={56}
          rowHeight={72}
        />
      </Box>
    );
  }
  return (
    <Box className={classes.grid} ref={week}>
      <WeekView
        {...shared}
        {...times}
        date={day}
        firstDayOfWeek={1}
        withAllDaySlots={false}
        withWeekNumber={false}
        highlightToday
        weekdayFormat="ddd"
        slotHeight={80}
        getTimeSlotProps={({ start, end }) => ({ 'data-closed': !isOpen(hours, String(start), String(end)) || undefined })}
        onDateChange={onDay}
        onTimeSlotClick={({ slotStart }) => mayBook && onNew(slotStart, undefined, undefined)}
        withDragSlotSelect={mayBook}
        onSlotDragEnd={(start, end) => mayBook && onNew(start, end, undefined)}
        scrollAreaProps={{ mah: '100%' }}
      />
    </Box>
  );
}

type Dropped = { eventId: string | number; newStart: string; newEnd: string; resourceId?: string | number };

function toEvent(a: Appointment, staff: Staff[], zone: string): ScheduleEventData {
  const off = a.status !== 'confirmed';
  return {
    id: a.id,
    title: a.contact_name ? `${a.contact_name} · ${a.title}` : a.title,
    start: wall(a.starts_at, zone),
    end: wall(a.ends_at, zone),
    color: off ? 'gray' : colorOf(staff, a.staff),
    variant: 'light',
    resourceId: a.staff ?? NOBODY,
    payload: { status: a.status, bot: a.made_by === 'bot', staff: staff.find((s) => s.id === a.staff)?.name },
  };
}

function awayEvents(staff: Staff[], day: string, zone: string): ScheduleEventData[] {
  const [from, to] = [`${day} 00:00:00`, `${addDays(day, 1)} 00:00:00`];
  return staff.flatMap((s) =>
    s.absences.flatMap((a, i) => {
      const [start, end] = [wall(a.from, zone), wall(a.to, zone)];
      if (end <= from || start >= to) return [];
      return [{
        id: `away-${s.id}-${i}`,
        title: a.reason ?? '',
        start: start < from ? from : start,
        end: end > to ? `${day} 23:59:59` : end,
        color: 'gray',
        display: 'background' as const,
        resourceId: s.id,
      }];
    }),
  );
}

/** The pauses between the day's hours, for everybody. */
function breakEvents(staff: Staff[], day: string, hours: OpeningHours | undefined): ScheduleEventData[] {
  const { spans } = openOn(hours, day, weekdayOf(day));
  const pauses = spans.slice(1).map((span, i) => [spans[i]!.close, span.open] as const);
  return pauses.flatMap(([start, end]) =>
    [...staff.map((s) => s.id), NOBODY].map((resourceId) => ({
      id: `break-${start}-${resourceId}`, title: '', start: `${day} ${start}:00`, end: `${day} ${end}:00`, color: 'gray', display: 'background' as const, resourceId,
    })),
  );
}

function Body({ event, zone }: { event: ScheduleEventData; zone: string }) {
  const format = useFormat();
  // An absence or a pause: not when it began is of interest, but that it is.
  if (event.display === 'background') return <Text size="xs" truncate>{event.title}</Text>;
  const start = String(event.start).slice(11, 16);
  const off = event.payload?.status === 'cancelled' || event.payload?.status === 'no_show';
  const time = new Intl.DateTimeFormat(format.language, { timeStyle: 'short', timeZone: 'UTC' }).format(new Date(`1970-01-01T${start}:00Z`));
  return (
    <Box className={classes.event} data-off={off || undefined} title={`${time} ${event.title}`} data-zone={zone}>
      <Text size="xs" fw={600} truncate>
        {event.title}
      </Text>
      <Text size="xs" truncate>
        {time}
        {event.payload?.staff ? ` · ${event.payload.staff}` : ''}
      </Text>
    </Box>
  );
}

const clock = (text: string) => (text === '23:59' ? '23:59:59' : `${text}:00`);

function isOpen(hours: OpeningHours | undefined, start: string, end: string): boolean {
  const day = start.slice(0, 10);
  const [from, to] = [start.slice(11, 16), end.slice(0, 10) > day ? '23:59' : end.slice(11, 16)];
  return openOn(hours, day, weekdayOf(day)).spans.some((s) => s.open < to && from < s.close);
}

/** The hours worth showing: an hour around what is open and what is booked. */
function shownHours(hours: OpeningHours | undefined, appointments: Appointment[], zone: string): [string, string] {
  let [first, last] = [24, 0];
  const include = (from: number, to: number) => {
    first = Math.min(first, from);
    last = Math.max(last, to);
  };
  const spans = [...Object.values(hours?.hours ?? {}).flat(), ...(hours?.holidays.flatMap((h) => h.hours ?? []) ?? [])];
  for (const s of spans) include(Number(s.open.slice(0, 2)), Math.ceil(minutes(s.close) / 60));
  for (const a of appointments) {
    const [start, end] = [wall(a.starts_at, zone), wall(a.ends_at, zone)];
    include(Number(start.slice(11, 13)), end.slice(0, 10) > start.slice(0, 10) ? 24 : Math.ceil(minutes(end.slice(11, 16)) / 60));
  }
  if (first > last) [first, last] = [8, 18];
  first = Math.max(0, first - 1);
  last = Math.min(24, last + 1);
  return [`${String(first).padStart(2, '0')}:00:00`, last === 24 ? '23:59:59' : `${String(last).padStart(2, '0')}:00:00`];
}

function minutes(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}
